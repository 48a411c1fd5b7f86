import equinox as eqx, jax, jax.numpy as jnp
class Net(eqx.Module):
    l1: eqx.nn.Linear
    drop: eqx.nn.Dropout
    l2: eqx.nn.Linear
    def __init__(self, key):
        self.l1 = eqx.nn.Linear(6, 8, key=key)
        self.drop = eqx.nn.Dropout(0.5, inference=True)
        self.l2 = eqx.nn.Linear(8, 3, key=key)
    def __call__(self, x):
        return self.l2(self.drop(jax.nn.relu(self.l1(x))))
model = Net(jax.random.PRNGKey(0))
