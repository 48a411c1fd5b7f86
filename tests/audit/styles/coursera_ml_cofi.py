import numpy as np
def cofiCostFunc(params, Y, R, num_users, num_movies, num_features, lambda_=0.0):
    X = params[:num_movies * num_features].reshape(num_movies, num_features)
    Theta = params[num_movies * num_features:].reshape(num_users, num_features)
    J = 0.5 * np.sum(((X @ Theta.T - Y) * R) ** 2)
    J += lambda_ / 2 * (np.sum(X ** 2) + np.sum(Theta ** 2))
    diff = (X @ Theta.T - Y) * R
    X_grad = diff @ Theta + lambda_ * X
    Theta_grad = diff.T @ X + lambda_ * Theta
    grad = np.concatenate([X_grad.ravel(), Theta_grad.ravel()])
    return J, grad
