import haiku as hk, jax, jax.numpy as jnp, optax
class ConvNet(hk.Module):
    def __init__(self, n, name=None):
        super().__init__(name=name)
        self.n = n
        self.conv = hk.Conv2D(output_channels=8, kernel_shape=3, stride=2, feature_group_count=4)
        self.pool = hk.MaxPool(window_shape=2, strides=2, padding="VALID")
        self.flat = hk.Flatten()
        self.mlp = hk.nets.MLP([32, n])
    def __call__(self, x, is_training=True):
        x = jax.nn.relu(self.conv(x))
        x = hk.BatchNorm(True, True, 0.9)(x, is_training)
        x = self.pool(x)
        x = self.flat(x)
        x = hk.dropout(hk.next_rng_key(), 0.5, x)
        x = hk.LayerNorm(axis=-1, create_scale=False, create_offset=False)(x)
        return self.mlp(x)
def f(x, is_training=True):
    return ConvNet(10)(x, is_training)
net = hk.transform_with_state(f)
params, state = net.init(jax.random.PRNGKey(0), jnp.zeros((1, 28, 28, 4)), True)
def loss_fn(p, s, rng, x, y):
    logits, s = net.apply(p, s, rng, x, True)
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(logits, y)), s
opt = optax.sgd(0.1, 0.9)
for e in range(3):
    for x, y in loader:
        (l, state), g = jax.value_and_grad(loss_fn, has_aux=True)(params, state, rng, x, y)
