import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense

x = np.random.rand(100, 5)
y = x.sum(axis=1, keepdims=True)
w = np.linspace(0.5, 2.0, 100)
model = Sequential([Dense(6, input_shape=(5,), activation="softplus"), Dense(3), Dense(1)])
model.compile("sgd", loss="huber")
model.fit(x, y, sample_weight=w, epochs=4, batch_size=8)
