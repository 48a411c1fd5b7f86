import equinox as eqx
import jax
import jax.numpy as jnp
class Net(eqx.Module):
    l1: eqx.nn.Conv2d
    pool: eqx.nn.MaxPool2d
    l2: eqx.nn.Linear
    def __init__(self, key):
        self.l1 = eqx.nn.Conv2d(1, 4, 3, key=key)
        self.pool = eqx.nn.MaxPool2d(3, 2, use_ceil=True)
        self.l2 = eqx.nn.Linear(4 * 12 * 12, 3, key=key)
    def __call__(self, x):
        x = self.pool(jax.nn.relu(self.l1(x)))
        return self.l2(jnp.ravel(x))
model = Net(jax.random.PRNGKey(0))
x = jnp.ones((16, 1, 28, 28))
y = jax.vmap(model)(x)
