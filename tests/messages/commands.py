"""Commands of every kind, as a person would type them, and the files they are for.

``{where}`` stands for a folder that holds `FILES`.
"""

FILES = {
    "right.py": """import numpy as np

def forward(x, W, b):
    return np.tanh(x @ W + b)

def backward(x, W, b, dout):
    h = np.tanh(x @ W + b)
    dz = dout * (1 - h**2)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
""",
    "names.csv": "name,id\n张三,7\n李四,8\n",
    "answers.csv": 'id,1,2,3\n7,8*x*cos(4x²),"1",0.5\n8,x+,"a",\n',
    "table.csv": "a,b,y\n" + "".join(f"{n},{n % 3},{n % 2}\n" for n in range(60)),
    "derivation.txt": "q = x + y\nf = q*z\ndf/dq = z\ndf/dx = z*x\n",
    "mystery.txt": "f = sin(x)\ndf/dx = sin(x)*cos(x)\n",
    "net.py": """import torch.nn as nn
model = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))
loss_fn = nn.CrossEntropyLoss()
""",
}
FILES["wrong.py"] = FILES["right.py"].replace("dz.sum(axis=0)", "dz")
FILES["sign.py"] = FILES["right.py"].replace("1 - h**2", "1 + h**2")
FILES["broken.py"] = "def forward(x):\n    return x\n\ndef backward(x, dout:\n"
FILES["crash.py"] = FILES["right.py"].replace("return np.tanh", "return np.tan_h")
FILES["odd.py"] = FILES["right.py"].replace("dz @ W.T", "3.7 * dz @ W.T")
