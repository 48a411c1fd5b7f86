import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.neural_network import MLPClassifier

cancer = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(cancer.data, cancer.target, random_state=0)
pipe = make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(50, 20), activation='tanh', solver='sgd', learning_rate_init=0.01, momentum=0.9, max_iter=300, batch_size=50, alpha=0.01, random_state=1, early_stopping=True, n_iter_no_change=15))
pipe.fit(X_train, y_train)
print(pipe.score(X_test, y_test))
