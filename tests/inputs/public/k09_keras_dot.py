import keras
from keras import layers, ops
user = keras.Input(shape=(1,), name="user")
item = keras.Input(shape=(1,), name="item")
u = layers.Flatten()(layers.Embedding(50, 8)(user))
v = layers.Flatten()(layers.Embedding(90, 8)(item))
x = layers.Dot(axes=1, normalize=True)([u, v])
model = keras.Model([user, item], x)
model.compile(optimizer="adam", loss="mse")
model.fit([a, b], y, epochs=5, batch_size=64)
