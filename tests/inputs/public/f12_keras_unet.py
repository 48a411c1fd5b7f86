from tensorflow.keras import Input, Model
from tensorflow.keras.layers import Conv2D, Conv2DTranspose, MaxPooling2D, concatenate
from tensorflow.keras.losses import BinaryCrossentropy
from tensorflow.keras.optimizers import Adam

WIDTH = HEIGHT = 64


def conv_block(t, f, name=None):
    t = Conv2D(f, (3, 3), activation="relu", padding="same")(t)
    t = Conv2D(f, (3, 3), activation="relu", padding="same", name=name)(t)
    return t


inputs = Input((HEIGHT, WIDTH, 1))
c1 = conv_block(inputs, 8)
p1 = MaxPooling2D((2, 2))(c1)
c2 = conv_block(p1, 16)
p2 = MaxPooling2D((2, 2))(c2)
c3 = conv_block(p2, 32)
u2 = concatenate([Conv2DTranspose(16, (2, 2), strides=(2, 2), padding="same")(c3), c2], axis=3)
c4 = conv_block(u2, 16)
u1 = concatenate([Conv2DTranspose(8, (2, 2), strides=(2, 2), padding="same")(c4), c1], axis=3)
c5 = conv_block(u1, 8, name="last")
outputs = Conv2D(1, (1, 1), activation="sigmoid")(c5)
model = Model(inputs=[inputs], outputs=[outputs])
model.compile(optimizer=Adam(learning_rate=1e-4), loss=BinaryCrossentropy(), metrics=["accuracy"])
model.fit(images, masks, batch_size=4, epochs=40, verbose=1, shuffle=True)
