import tensorflow as tf
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense
from tensorflow.keras.activations import relu,linear
from tensorflow.keras.losses import SparseCategoricalCrossentropy
from tensorflow.keras.optimizers import Adam
X, y, centers, classes, std = gen_blobs()
tf.random.set_seed(1234)
model_r = Sequential(
    [
        Dense(120, activation = 'relu', name="L1", kernel_regularizer=tf.keras.regularizers.l2(0.1)),
        Dense(40, activation = 'relu', name="L2", kernel_regularizer=tf.keras.regularizers.l2(0.1)),
        Dense(classes, activation = 'linear', name="L3")
    ], name= None
)
model_r.compile(
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=Adam(0.01),
)
model_r.fit(X_train, y_train,epochs=1000)
