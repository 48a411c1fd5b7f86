import equinox as eqx, jax, jax.numpy as jnp, optax
class M(eqx.Module):
    net: eqx.nn.MLP
    scale: jax.Array
    drop: eqx.nn.Dropout
    def __init__(self, key):
        self.net = eqx.nn.MLP(in_size=5, out_size=3, width_size=8, depth=2, activation=jnp.tanh, key=key)
        self.scale = jnp.ones((3,))
        self.drop = eqx.nn.Dropout(0.2)
    def __call__(self, x):
        y = self.drop(self.net(x)) * self.scale
        return y[0]
model = M(jax.random.PRNGKey(0))
opt = optax.adamw(1e-3)
@eqx.filter_jit
@eqx.filter_value_and_grad
def loss(m, x, y):
    return jnp.mean((jax.vmap(m)(x) - y)**2)
X = jnp.ones((10, 5)); y = jnp.ones((10,))
for i in range(50):
    l, g = loss(model, X, y)
