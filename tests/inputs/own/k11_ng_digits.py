import numpy as np
import tensorflow as tf
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense
from tensorflow.keras.activations import linear, relu, sigmoid
import matplotlib.pyplot as plt
plt.style.use('./deeplearning.mplstyle')
import logging
logging.getLogger("tensorflow").setLevel(logging.ERROR)
tf.autograph.set_verbosity(0)
from public_tests import *
from autils import *
X, y = load_data()
print ('The first element of X is: ', X[0])
tf.random.set_seed(1234)
model = Sequential(
    [
        tf.keras.layers.InputLayer((400,)),
        tf.keras.layers.Dense(25, activation=relu, name="L1"),
        Dense(15, activation="relu"),
        Dense(10, activation=linear)
    ], name = "my_model"
)
model.summary()
[layer1, layer2, layer3] = model.layers
W1,b1 = layer1.get_weights()
print(f"W1 shape = {W1.shape}, b1 shape = {b1.shape}")
model.compile(
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.001),
)
history = model.fit(X, y, epochs=40)
image_of_two = X[1015]
prediction = model.predict(image_of_two.reshape(1,400))
m, n = X.shape
fig, axes = plt.subplots(8,8, figsize=(5,5))
for i,ax in enumerate(axes.flat):
    random_index = np.random.randint(m)
    ax.imshow(X[random_index].reshape((20,20)).T, cmap='gray')
    prediction = model.predict(X[random_index].reshape(1,400))
    prediction_p = tf.nn.softmax(prediction)
    yhat = np.argmax(prediction_p)
    ax.set_title(f"{y[random_index,0]},{yhat}",fontsize=10)
print( f"{display_errors(model,X,y)} errors out of {len(X)} images")
