import jax.numpy as jnp
from jax import grad, jit

@jit
def rosenbrock(p, a=1.0, b=100.0):
    x, y = p
    return (a - x) ** 2 + b * (y - x ** 2) ** 2

p0 = jnp.array([-1.2, 1.0])
g = grad(rosenbrock)(p0)
print(f"gradient: {g}")
