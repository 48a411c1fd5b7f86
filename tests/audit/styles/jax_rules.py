from functools import partial

import jax
import jax.numpy as jnp


@jax.custom_vjp
def log1pexp(x):
    return jnp.log1p(jnp.exp(x))


def log1pexp_fwd(x):
    return jnp.log1p(jnp.exp(x)), x


def log1pexp_bwd(x, g):
    return ((1 - 1 / (1 + jnp.exp(x))) * g,)


log1pexp.defvjp(log1pexp_fwd, log1pexp_bwd)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def dense(x, w, activate):
    y = x @ w
    return jnp.tanh(y) if activate else y


def dense_fwd(x, w, activate):
    y = x @ w
    h = jnp.tanh(y) if activate else y
    return h, (x, w, h)


def dense_bwd(activate, res, g):
    x, w, h = res
    if activate:
        g = g * (1 - h ** 2)
    return g @ w.T, x.T @ g


dense.defvjp(dense_fwd, dense_bwd)


@jax.custom_jvp
def f(x, y):
    return jnp.sin(x) * y


@f.defjvp
def f_jvp(primals, tangents):
    x, y = primals
    x_dot, y_dot = tangents
    primal_out = f(x, y)
    tangent_out = jnp.cos(x) * x_dot * y + jnp.sin(x) * y_dot
    return primal_out, tangent_out


@jax.custom_jvp
def safe_log(x):
    return jnp.log(x)


safe_log.defjvps(lambda t, ans, x: t / x)


@jax.custom_vjp
def softmax_xent(logits, labels):
    logp = jax.nn.log_softmax(logits)
    return -jnp.mean(jnp.sum(labels * logp, axis=-1))


def softmax_xent_fwd(logits, labels):
    return softmax_xent(logits, labels), (logits, labels)


def softmax_xent_bwd(res, g):
    logits, labels = res
    p = jax.nn.softmax(logits)
    n = logits.shape[0]
    dlogits = g * (p * labels.sum(-1, keepdims=True) - labels) / n
    dlabels = -g * jax.nn.log_softmax(logits) / n
    return dlogits, dlabels


softmax_xent.defvjp(softmax_xent_fwd, softmax_xent_bwd)
