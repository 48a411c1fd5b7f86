from tensorflow.keras.models import Model
from tensorflow.keras.layers import Input, Dense, Dropout, BatchNormalization
from tensorflow.keras.optimizers import SGD
from sklearn.model_selection import train_test_split
import pandas as pd

df = pd.read_excel('ENB2012_data.xlsx')
train, test = train_test_split(df, test_size=0.2)
def format_output(data):
    y1 = data.pop('Y1')
    y2 = data.pop('Y2')
    return np.array(y1), np.array(y2)
train_Y = format_output(train)
test_Y = format_output(test)

def build_model():
    input_layer = Input(shape=(8,))
    first_dense = Dense(units='128', activation='relu')(input_layer)
    second_dense = Dense(units=128, activation='relu')(first_dense)
    # Y1 output will be fed directly from the second dense
    y1_output = Dense(units=1, name='y1_output')(second_dense)
    third_dense = Dense(units=64, activation='relu')(second_dense)
    # Y2 output will come via the third dense
    y2_output = Dense(units=1, name='y2_output')(third_dense)
    model = Model(inputs=input_layer, outputs=[y1_output, y2_output])
    return model

model = build_model()
optimizer = SGD(learning_rate=0.001)
model.compile(optimizer=optimizer,
              loss={'y1_output': 'mse', 'y2_output': 'mse'},
              metrics={'y1_output': 'mse', 'y2_output': 'mse'})
history = model.fit(norm_train_X, train_Y, epochs=500, batch_size=10, validation_data=(norm_test_X, test_Y))
