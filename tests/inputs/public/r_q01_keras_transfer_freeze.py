import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

base_model = keras.Sequential([
    keras.Input(shape=(64, 64, 3)),
    layers.Conv2D(32, 3, strides=2, activation='relu', name='block1_conv1'),
    layers.Conv2D(64, 3, strides=2, activation='relu', name='block1_conv2'),
    layers.GlobalAveragePooling2D(),
], name='base')
base_model.load_weights('base.weights.h5')
base_model.trainable = False

inputs = keras.Input(shape=(64, 64, 3))
x = layers.Rescaling(scale=1 / 127.5, offset=-1)(inputs)
x = base_model(x, training=False)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.summary(show_trainable=True)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy()],
)
epochs = 2
model.fit(train_ds, epochs=epochs, validation_data=validation_ds)
