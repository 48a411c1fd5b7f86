"""A GRU that reads the rows of small digits: gradtutor train gru.py --data digits."""

from keras import Input, Sequential
from keras.layers import GRU, Dense

model = Sequential([Input((8, 8)), GRU(32), Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
