from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.pipeline import make_pipeline
from sklearn.metrics import classification_report

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
clf = make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(30, 10), activation="tanh", solver="sgd", alpha=1e-3, batch_size=50, learning_rate_init=0.05, max_iter=300, random_state=1))
clf.fit(X_train, y_train)
print(classification_report(y_test, clf.predict(X_test)))
