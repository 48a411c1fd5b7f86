from tensorflow import keras
from tensorflow.keras import layers
class Linear(layers.Layer):
    def __init__(self, units=32, input_dim=32):
        super().__init__()
        self.w = self.add_weight(shape=(input_dim, units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(units,), initializer="zeros", trainable=True)
    def call(self, inputs):
        return keras.ops.matmul(inputs, self.w) + self.b
class MLPBlock(layers.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(32, 16)
        self.linear_2 = Linear(32, 32)
        self.linear_3 = Linear(1, 32)
    def call(self, inputs):
        x = self.linear_1(inputs)
        x = keras.activations.relu(x)
        x = self.linear_2(x)
        x = keras.ops.relu(x)
        return self.linear_3(x)
inputs = keras.Input(shape=(16,))
outputs = MLPBlock()(inputs)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="mse")
