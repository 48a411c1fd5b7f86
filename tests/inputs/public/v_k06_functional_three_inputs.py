# Pawpularity: image, metadata and text of a listing in one regression network
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import (Input, Dense, Conv2D, MaxPooling2D, Flatten, Embedding,
                                     GlobalAveragePooling1D, concatenate, Dropout, BatchNormalization)
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.callbacks import EarlyStopping, ReduceLROnPlateau, ModelCheckpoint

IMG = 32
N_META = 12
MAXLEN = 25
VOCAB = 2000

img_in = Input(shape=(IMG, IMG, 3), name="image")
x = Conv2D(16, (3, 3), activation="relu", padding="same")(img_in)
x = MaxPooling2D()(x)
x = Conv2D(32, (3, 3), activation="relu", padding="same")(x)
x = MaxPooling2D()(x)
x = Flatten()(x)
x = Dense(32, activation="relu")(x)

meta_in = Input(shape=(N_META,), name="meta")
m = Dense(16, activation="relu")(meta_in)
m = BatchNormalization()(m)

text_in = Input(shape=(MAXLEN,), dtype="int32", name="text")
t = Embedding(VOCAB, 8, input_length=MAXLEN)(text_in)
t = GlobalAveragePooling1D()(t)

merged = concatenate([x, m, t])
merged = Dense(32, activation="relu")(merged)
merged = Dropout(0.3)(merged)
out = Dense(1, name="price")(merged)

model = Model(inputs=[img_in, meta_in, text_in], outputs=out)
model.compile(optimizer=Adam(learning_rate=3e-4), loss="mean_squared_error", metrics=["mae"])
model.summary()
tf.keras.utils.plot_model(model, show_shapes=True)

callbacks = [
    EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True),
    ReduceLROnPlateau(factor=0.5, patience=3),
    ModelCheckpoint("best.h5", save_best_only=True),
]
hist = model.fit(
    {"image": X_img, "meta": X_meta, "text": X_text}, y,
    validation_split=0.2, epochs=60, batch_size=64, callbacks=callbacks)
preds = model.predict([X_img[:5], X_meta[:5], X_text[:5]])
