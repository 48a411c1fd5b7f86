import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax


class MLP(eqx.Module):
    l1: eqx.nn.Linear
    l2: eqx.nn.Linear
    extra_bias: jax.Array

    def __init__(self, in_size, width, out_size, key):
        k1, k2 = jr.split(key)
        self.l1 = eqx.nn.Linear(in_size, width, key=k1)
        self.l2 = eqx.nn.Linear(width, out_size, key=k2)
        self.extra_bias = jnp.ones(out_size)

    def __call__(self, x):
        x = jax.nn.relu(self.l1(x))
        return self.l2(x) + self.extra_bias


@eqx.filter_value_and_grad
def compute_loss(model, x, y):
    pred_y = jax.vmap(model)(x)
    return jnp.mean((y - pred_y) ** 2)


model = MLP(2, 8, 1, key=jr.PRNGKey(0))
optim = optax.sgd(1e-2)
opt_state = optim.init(eqx.filter(model, eqx.is_array))
x = jr.normal(jr.PRNGKey(1), (100, 2))
y = jr.normal(jr.PRNGKey(2), (100, 1))
for step in range(200):
    loss, grads = compute_loss(model, x, y)
    updates, opt_state = optim.update(grads, opt_state)
    model = eqx.apply_updates(model, updates)
