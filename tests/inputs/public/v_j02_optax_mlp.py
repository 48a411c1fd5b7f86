import jax
import jax.numpy as jnp
import optax
import numpy as np

key = jax.random.PRNGKey(42)


def init_mlp(key, sizes):
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        key, sub = jax.random.split(key)
        params.append({
            "w": jax.random.normal(sub, (n_in, n_out)) * jnp.sqrt(2.0 / n_in),
            "b": jnp.zeros(n_out),
        })
    return params


def forward(params, x):
    *hidden, last = params
    for layer in hidden:
        x = jax.nn.relu(x @ layer["w"] + layer["b"])
    return x @ last["w"] + last["b"]


def loss_fn(params, batch):
    x, y = batch
    logits = forward(params, x)
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


params = init_mlp(key, [2, 32, 32, 3])
optimizer = optax.adam(learning_rate=1e-2)
opt_state = optimizer.init(params)


@jax.jit
def step(params, opt_state, batch):
    loss, grads = jax.value_and_grad(loss_fn)(params, batch)
    updates, opt_state = optimizer.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    return params, opt_state, loss


X, y = make_spirals(n=300)
for epoch in range(500):
    perm = np.random.permutation(len(X))
    for i in range(0, len(X), 64):
        idx = perm[i:i + 64]
        params, opt_state, loss = step(params, opt_state, (X[idx], y[idx]))
    if epoch % 50 == 0:
        print(f"epoch {epoch:3d} loss {loss:.4f}")
