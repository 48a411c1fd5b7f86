import yaml
from tensorflow import keras

CONFIG = {
    "input_dim": 12,
    "layers": [
        {"units": 24, "activation": "tanh", "dropout": 0.1},
        {"units": 16, "activation": "gelu", "dropout": None},
    ],
    "n_classes": 4,
    "optimizer": {"name": "Nadam", "learning_rate": 0.002},
    "fit": {"epochs": 60, "batch_size": 16},
}


class Builder:
    def __init__(self, config):
        self.config = config

    @property
    def n_classes(self):
        return self.config["n_classes"]

    def build(self):
        model = keras.Sequential(name="net")
        model.add(keras.layers.InputLayer((self.config["input_dim"],)))
        for spec in self.config["layers"]:
            model.add(keras.layers.Dense(spec["units"], activation=spec["activation"]))
            if spec.get("dropout"):
                model.add(keras.layers.Dropout(spec["dropout"]))
        model.add(keras.layers.Dense(self.n_classes))
        model.add(keras.layers.Softmax())
        return model


model = Builder(CONFIG).build()
optimizer = keras.optimizers.Nadam(learning_rate=CONFIG["optimizer"]["learning_rate"])
model.compile(optimizer, "categorical_crossentropy", ["accuracy"])
model.fit(x, y, **CONFIG["fit"])
