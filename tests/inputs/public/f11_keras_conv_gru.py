import keras
from keras import layers

N_STEPS, N_SENSORS, N_CLASSES = 128, 4, 3


def make_model():
    i = keras.Input((N_STEPS, N_SENSORS))
    x = layers.Conv1D(16, 5, activation="relu", padding="causal")(i)
    x = layers.MaxPool1D(4)(x)
    x = layers.SpatialDropout1D(0.1)(x)
    x = layers.GRU(24, return_sequences=True)(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dense(24)(x)
    x = layers.LeakyReLU()(x)
    o = layers.Dense(N_CLASSES, activation="softmax")(x)
    return keras.Model(i, o, name="har")


har = make_model()
har.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=0.001),
    loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    metrics=[keras.metrics.CategoricalAccuracy()],
)
har.fit(X_train, y_train, batch_size=64, epochs=25, validation_split=0.15,
        callbacks=[keras.callbacks.TensorBoard("logs"), keras.callbacks.CSVLogger("log.csv")])
