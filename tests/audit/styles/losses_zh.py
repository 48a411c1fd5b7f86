"""各种损失函数及其梯度"""
import numpy as np


def huber(y_pred, y_true, delta=1.0):
    """Huber损失"""
    r = y_pred - y_true
    small = np.abs(r) <= delta
    return np.mean(np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta)))


def huber_grad(y_pred, y_true, delta=1.0):
    """Huber损失对预测值的梯度"""
    r = y_pred - y_true
    small = np.abs(r) <= delta
    return np.where(small, r, delta * np.sign(r)) / r.size


def bce(p, y):
    """二元交叉熵, p 在 (0,1) 之间"""
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def d_bce(p, y):
    return (p - y) / (p * (1 - p)) / p.size


def kl_div(p, q):
    return np.sum(p * np.log(p / q))


def kl_div_grad_q(p, q):
    return -p / q


def cosine(u, v):
    return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


def cosine_grad(u, v):
    nu = np.linalg.norm(u)
    nv = np.linalg.norm(v)
    c = u @ v / (nu * nv)
    du = v / (nu * nv) - c * u / nu ** 2
    dv = u / (nu * nv) - c * v / nv ** 2
    return du, dv
