# 神经网络解决XOR问题，没有函数的脚本
import numpy as np

np.random.seed(42)

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

# 初始化参数
W1 = np.random.randn(2, 4)
b1 = np.zeros((1, 4))
W2 = np.random.randn(4, 1)
b2 = np.zeros((1, 1))
lr = 0.5

for epoch in range(2000):
    # 前向传播
    z1 = X @ W1 + b1
    h = np.tanh(z1)
    z2 = h @ W2 + b2
    out = 1 / (1 + np.exp(-z2))
    loss = np.mean((out - y) ** 2)

    # 反向传播
    dout = 2 * (out - y) / y.size
    dz2 = dout * out * (1 - out)
    dW2 = h.T @ dz2
    db2 = np.sum(dz2, axis=0, keepdims=True)
    dh = dz2 @ W2.T
    dz1 = dh * (1 - h ** 2)
    dW1 = X.T @ dz1
    db1 = np.sum(dz1, axis=0, keepdims=True)

    # 更新
    W1 -= lr * dW1
    b1 -= lr * db1
    W2 -= lr * dW2
    b2 -= lr * db2

    if epoch % 500 == 0:
        print(f"第{epoch}轮 损失 {loss:.4f}")
