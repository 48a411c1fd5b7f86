import jax
import jax.numpy as jnp
from jax import custom_vjp
from functools import partial


@jax.custom_vjp
def log1pexp(x):
    return jnp.log(1. + jnp.exp(x))

def log1pexp_fwd(x):
    return log1pexp(x), x

def log1pexp_bwd(x, g):
    return ((1 - 1/(1 + jnp.exp(x))) * g,)

log1pexp.defvjp(log1pexp_fwd, log1pexp_bwd)


@custom_vjp
def softmax_xent(logits, labels):
    z = logits - jnp.max(logits, axis=-1, keepdims=True)
    logp = z - jnp.log(jnp.sum(jnp.exp(z), axis=-1, keepdims=True))
    return -jnp.mean(jnp.sum(labels * logp, axis=-1))

def softmax_xent_fwd(logits, labels):
    return softmax_xent(logits, labels), (logits, labels)

def softmax_xent_bwd(res, g):
    logits, labels = res
    p = jax.nn.softmax(logits, axis=-1)
    dlogits = g * (p - labels) / logits.shape[0]
    return dlogits, None

softmax_xent.defvjp(softmax_xent_fwd, softmax_xent_bwd)


@jax.custom_vjp
def rms_norm(x, w):
    r = jnp.sqrt(jnp.mean(x**2, axis=-1, keepdims=True) + 1e-6)
    return x / r * w

def rms_norm_fwd(x, w):
    r = jnp.sqrt(jnp.mean(x**2, axis=-1, keepdims=True) + 1e-6)
    return x / r * w, (x, w, r)

def rms_norm_bwd(res, g):
    x, w, r = res
    gw = jnp.sum(g * x / r, axis=0)
    h = g * w
    n = x.shape[-1]
    gx = h / r - x * jnp.sum(h * x, axis=-1, keepdims=True) / (n * r**3)
    return gx, gw

rms_norm.defvjp(rms_norm_fwd, rms_norm_bwd)


@jax.custom_vjp
def dense_relu(x, w, b):
    return jax.nn.relu(x @ w + b)

def dense_relu_fwd(x, w, b):
    y = jax.nn.relu(x @ w + b)
    return y, (x, w, y)

def dense_relu_bwd(res, g):
    x, w, y = res
    dz = jnp.where(y > 0, g, 0)
    return dz @ w.T, x.T @ dz, dz.sum(0)

dense_relu.defvjp(dense_relu_fwd, dense_relu_bwd)
