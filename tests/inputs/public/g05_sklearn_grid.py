from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
clf = make_pipeline(
    StandardScaler(),
    MLPClassifier(hidden_layer_sizes=(30, 15), activation="tanh", solver="adam", alpha=1e-4,
                  learning_rate_init=0.01, batch_size=50, max_iter=300, early_stopping=True),
)
clf.fit(X_train, y_train)
print(clf.score(X_test, y_test))
