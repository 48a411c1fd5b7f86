import haiku as hk
import jax
import jax.numpy as jnp
import optax

NUM_CLASSES = 10

def net_fn(images):
  """Standard LeNet-300-100 MLP network."""
  x = images.astype(jnp.float32) / 255.
  mlp = hk.Sequential([
      hk.Flatten(), hk.LayerNorm(axis=-1, create_scale=False, create_offset=False),
      hk.Linear(300), jax.nn.relu,
      hk.nets.MLP([50, 100], with_bias=False, activate_final=True),
      hk.Linear(NUM_CLASSES),
  ])
  return mlp(x)

network = hk.without_apply_rng(hk.transform(net_fn))
optimiser = optax.adam(1e-3)

def loss(params, images, labels):
  """Cross-entropy classification loss, regularised by L2 weight decay."""
  batch_size, *_ = images.shape
  logits = network.apply(params, images)
  labels = jax.nn.one_hot(labels, NUM_CLASSES)

  l2_regulariser = 0.5 * sum(
      jnp.sum(jnp.square(p)) for p in jax.tree_util.tree_leaves(params))
  log_likelihood = jnp.sum(labels * jax.nn.log_softmax(logits))

  return -log_likelihood / batch_size + 1e-4 * l2_regulariser

@jax.jit
def update(params, opt_state, images, labels):
  grads = jax.grad(loss)(params, images, labels)
  updates, opt_state = optimiser.update(grads, opt_state)
  params = optax.apply_updates(params, updates)
  return params, opt_state

rng = jax.random.PRNGKey(42)
sample = jnp.zeros((1, 28, 28, 1))
params = network.init(rng, sample)
opt_state = optimiser.init(params)
for step in range(3001):
  batch = next(train_dataset)
  params, opt_state = update(params, opt_state, batch.image, batch.label)
