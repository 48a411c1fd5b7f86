"""
Title: Large-scale multi-label text classification
"""
import ast
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from sklearn.model_selection import train_test_split
import matplotlib.pyplot as plt

arxiv_data = pd.read_csv("arxiv_data.csv")
arxiv_data = arxiv_data[~arxiv_data["titles"].duplicated()]
arxiv_data_filtered = arxiv_data.groupby("terms").filter(lambda x: len(x) > 1)
arxiv_data_filtered["terms"] = arxiv_data_filtered["terms"].apply(lambda x: ast.literal_eval(x))

test_split = 0.1
train_df, test_df = train_test_split(arxiv_data_filtered, test_size=test_split)
val_df = test_df.sample(frac=0.5)
test_df.drop(val_df.index, inplace=True)

max_seqlen = 150
batch_size = 128
padding_token = "<pad>"
auto = tf.data.AUTOTUNE
num_tags = 153
vocabulary_size = 20000


def make_model():
    shallow_mlp_model = keras.Sequential(
        [
            keras.Input(shape=(vocabulary_size,)),
            layers.Dense(512, activation="relu"),
            layers.Dense(256, activation="relu"),
            layers.Dense(num_tags, activation="sigmoid"),
        ]
    )
    return shallow_mlp_model


epochs = 20
shallow_mlp_model = make_model()
shallow_mlp_model.compile(
    loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"]
)
history = shallow_mlp_model.fit(
    train_dataset, validation_data=validation_dataset, epochs=epochs
)


def plot_result(item):
    plt.plot(history.history[item], label=item)
    plt.plot(history.history["val_" + item], label="val_" + item)
    plt.title("Train and Validation {} Over Epochs".format(item), fontsize=14)
    plt.legend()
    plt.show()


plot_result("loss")
plot_result("binary_accuracy")
_, binary_acc = shallow_mlp_model.evaluate(test_dataset)
print(f"Categorical accuracy on the test set: {round(binary_acc * 100, 2)}%.")
