import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense, Input, Lambda
from tensorflow.keras.models import Model


def euclidean_distance(vects):
    x, y = vects
    sum_square = K.sum(K.square(x - y), axis=1, keepdims=True)
    return K.sqrt(K.maximum(sum_square, K.epsilon()))


left_in, right_in = Input(shape=(10,)), Input(shape=(10,))
base = tf.keras.Sequential([Dense(8, activation="relu", input_shape=(10,)), Dense(7)])
distance = Lambda(euclidean_distance)([base(left_in), base(right_in)])
out = Dense(1, activation="sigmoid", use_bias=False)(distance)
siamese = Model([left_in, right_in], out)
siamese.compile(loss="binary_crossentropy", optimizer="adam")
siamese.fit([a, b], labels, batch_size=128, epochs=10)
