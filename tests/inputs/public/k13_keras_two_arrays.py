import numpy as np
from tensorflow.keras.layers import Input, Dense, Embedding, Flatten, Concatenate, LSTM
from tensorflow.keras.models import Model

data = np.load('ratings.npz')
text, meta, y = data['text'], data['meta'], data['label']
text_in = Input(shape=(20,), name='text')
meta_in = Input(shape=(5,), name='meta')
a = Embedding(100, 8)(text_in)
a = LSTM(16)(a)
b = Dense(8, activation='relu')(meta_in)
z = Concatenate()([a, b])
out = Dense(1, activation='sigmoid')(z)
model = Model(inputs=[text_in, meta_in], outputs=out)
model.compile('rmsprop', 'binary_crossentropy', metrics=['acc'])
model.fit([text, meta], y, epochs=4, batch_size=16)
