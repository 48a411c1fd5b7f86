import tensorflow as tf
from tensorflow.keras.layers import Dense, Flatten, Conv2D
from tensorflow.keras import Model

mnist = tf.keras.datasets.mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0
x_train = x_train[..., tf.newaxis].astype("float32")
x_test = x_test[..., tf.newaxis].astype("float32")
train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(10000).batch(32)

class LeNet(Model):
    def __init__(self):
        super().__init__()
        self.c1 = Conv2D(6, 5, activation='tanh', padding='same')
        self.s2 = tf.keras.layers.AveragePooling2D()
        self.c3 = Conv2D(16, 5, activation='tanh')
        self.s4 = tf.keras.layers.AveragePooling2D()
        self.flat = Flatten()
        self.f5 = Dense(120, activation='tanh')
        self.f6 = Dense(84, activation='tanh')
        self.out = Dense(10)

    def call(self, x):
        for layer in (self.c1, self.s2, self.c3, self.s4, self.flat, self.f5, self.f6):
            x = layer(x)
        return self.out(x)

model = LeNet()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.SGD(learning_rate=0.05, momentum=0.9)
train_loss = tf.keras.metrics.Mean(name='train_loss')

@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)

EPOCHS = 5
for epoch in range(EPOCHS):
    train_loss.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
