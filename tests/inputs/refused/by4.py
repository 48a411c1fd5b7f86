import jax, jax.numpy as jnp
params = [jax.random.normal(jax.random.PRNGKey(0), (4, 3)), jnp.zeros(3)]
def predict(params, x):
    W, b = params
    return x @ W + b
def loss(params, x, y):
    return jnp.mean((predict(params, x) - y) ** 2)
x = jnp.ones((10, 4)); y = jnp.ones((10, 3))
smooth = 1.0
def update(params, ms, x, y):
    g = jax.grad(loss)(params, x, y)
    ms = [m - 0.25 * (m - q) for m, q in zip(ms, g)]
    return [p - 0.01 * m for p, m in zip(params, ms)], ms
ms = [jnp.zeros((4, 3)), jnp.zeros(3)]
for i in range(10):
    params, ms = update(params, ms, x, y)
