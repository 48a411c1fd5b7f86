"""A 1-D U-Net that cleans EEG: gradtutor train unet.py --data eeg --epochs 4."""

from keras import Input, Model, layers

x = Input((512, 1))
a = layers.Conv1D(16, 9, padding="same", activation="relu")(x)
b = layers.MaxPooling1D(2)(a)
b = layers.Conv1D(32, 9, padding="same", activation="relu")(b)
c = layers.MaxPooling1D(2)(b)
c = layers.Conv1D(32, 9, padding="same", activation="relu")(c)
d = layers.Concatenate()([layers.UpSampling1D(2)(c), b])
d = layers.Conv1D(16, 9, padding="same", activation="relu")(d)
e = layers.Concatenate()([layers.UpSampling1D(2)(d), a])
e = layers.Conv1D(1, 9, padding="same")(e)
model = Model(x, layers.Flatten()(e))
model.compile(optimizer="adam", loss="mse")
