from keras import layers, models, Input

inp = Input(shape=(16,), name="features")
h = layers.Dense(32, activation="selu")(inp)
h = layers.Dense(20, activation="selu")(h)
price = layers.Dense(1, name="price")(h)
kind = layers.Dense(2, activation="softmax", name="kind")(h)
model = models.Model(inp, [price, kind])
model.compile(optimizer="adam",
              loss={"price": "mse", "kind": "sparse_categorical_crossentropy"},
              loss_weights={"price": 0.2, "kind": 1.0})
model.fit(x, {"price": y1, "kind": y2}, epochs=3, batch_size=20)
