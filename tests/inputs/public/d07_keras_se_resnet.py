import tensorflow as tf
from tensorflow.keras import Input, Model, layers, optimizers, losses, metrics, callbacks
def conv_block(x, filters, **kw):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False, **kw)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)
def squeeze_excite(x, ratio=8):
    c = x.shape[-1]
    s = layers.GlobalAveragePooling2D()(x)
    s = layers.Dense(c // ratio, activation="relu")(s)
    s = layers.Dense(c, activation="sigmoid")(s)
    s = layers.Reshape((1, 1, c))(s)
    return layers.Multiply()([x, s])
inp = Input((32, 32, 3), name="image")
x = conv_block(inp, 32)
for f in (32, 64):
    y = conv_block(x, f, strides=2)
    y = squeeze_excite(y)
    x = layers.Conv2D(f, 1, strides=2)(x)
    x = x + y
x = layers.GlobalAveragePooling2D()(x)
out = layers.Dense(10, activation="softmax")(x)
model = Model(inp, out)
model.compile(optimizer=optimizers.SGD(learning_rate=optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9), momentum=0.9),
              loss=losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=[metrics.TopKCategoricalAccuracy(k=3)])
model.fit(train_ds, epochs=30, validation_data=val_ds, callbacks=[callbacks.EarlyStopping(patience=5, restore_best_weights=True)], class_weight={0: 1., 1: 2.})
