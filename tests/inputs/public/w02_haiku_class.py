import haiku as hk
import jax
import jax.numpy as jnp
import optax


class MyMLP(hk.Module):
    def __init__(self, hidden, out, name=None):
        super().__init__(name=name)
        self.hidden = hidden
        self.out = out

    def __call__(self, x):
        x = hk.Linear(self.hidden, name="l1")(x)
        x = jax.nn.relu(x)
        return hk.Linear(self.out, name="l2")(x)


def forward(x):
    return MyMLP(64, 3)(x)


model = hk.transform(forward)
x = jax.random.normal(jax.random.PRNGKey(1), (32, 4))
y = jnp.zeros((32,), dtype=jnp.int32)
params = model.init(jax.random.PRNGKey(0), x)
tx = optax.adam(1e-2)
opt_state = tx.init(params)


def loss_fn(params, x, y):
    logits = model.apply(params, None, x)
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


for epoch in range(100):
    loss, grads = jax.value_and_grad(loss_fn)(params, x, y)
    updates, opt_state = tx.update(grads, opt_state)
    params = optax.apply_updates(params, updates)
