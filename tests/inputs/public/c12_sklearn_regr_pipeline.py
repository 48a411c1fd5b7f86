from sklearn.pipeline import make_pipeline, Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.neural_network import MLPRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split, GridSearchCV
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = make_pipeline(
    StandardScaler(),
    MLPRegressor(hidden_layer_sizes=(30, 15), activation="tanh", learning_rate_init=0.01, early_stopping=True, max_iter=500, random_state=0),
)
model.fit(X_train, y_train)
print(f"R2: {model.score(X_test, y_test):.2f}")
