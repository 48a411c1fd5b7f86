import os, re, io
import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import (Embedding, GRU, Dense, TimeDistributed, Attention, Concatenate,
                                     GlobalMaxPooling1D, SpatialDropout1D, Bidirectional)
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences

max_features = 5000
maxlen = 80
embed_size = 50

tokenizer = Tokenizer(num_words=max_features)
tokenizer.fit_on_texts(list(sentences_train))
X_t = pad_sequences(tokenizer.texts_to_sequences(sentences_train), maxlen=maxlen)

inp = Input(shape=(maxlen,))
x = Embedding(max_features, embed_size)(inp)
x = SpatialDropout1D(0.2)(x)
x = Bidirectional(GRU(32, return_sequences=True))(x)
att = Attention()([x, x])
x = Concatenate()([x, att])
x = GlobalMaxPooling1D()(x)
x = Dense(50, activation="relu")(x)
x = Dense(6, activation="sigmoid")(x)
model = Model(inputs=inp, outputs=x)
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
batch_size = 32
epochs = 2
model.fit(X_t, y, batch_size=batch_size, epochs=epochs, validation_split=0.1)
