import equinox as eqx, jax, jax.numpy as jnp
class Net(eqx.Module):
    norm: eqx.nn.RMSNorm
    lin: eqx.nn.Linear
    def __init__(self, key):
        self.norm = eqx.nn.RMSNorm(8)
        self.lin = eqx.nn.Linear(8, 3, key=key)
    def __call__(self, x):
        return self.lin(self.norm(x))
model = Net(jax.random.PRNGKey(0))
