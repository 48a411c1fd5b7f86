"""Commands of every kind, as a person would type them, and the files they are for.

``{sheets}`` stands for the folder of the sheets that come along; `FILES` lie here.
"""

FILES = {
    "good.py": """import numpy as np

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
FILES["bad.py"] = FILES["good.py"].replace("dz.sum(axis=0)", "dz")
FILES["sign.py"] = FILES["good.py"].replace("1 - h**2", "1 + h**2")
FILES["broken.py"] = "def forward(x):\n    return x\n\ndef backward(x, dout:\n"
FILES["crash.py"] = FILES["good.py"].replace("return np.tanh", "return np.tan_h")
FILES["odd.py"] = FILES["good.py"].replace("dz @ W.T", "3.7 * dz @ W.T")

COMMANDS = r"""
--help
render --help
diff --help
check --help
gen --help
train --help
predict --help
export --help
data --help
data list --help
data fetch --help
explain --help
lesson --help
lesson answer --help
lesson author --help
lesson author lint --help
teach --help
teach sheet --help
teach export --help
doctor --help
render "f=(x+y)*z" --at x=-2,y=5,z=-4
render "sigmoid(x)" --captions -o a.svg
render "softmax(x)" --at x=[1,2,3]
render "f=(x+y)*z" --json
render "x*y" -o b.dot
render "x*y" -o frames/
render "x*y" -o page.html
render mlp.net --as net
render mlp.net
render exam.net -o net.svg
diff "sin(4*x**2)" --steps
diff "x**2*exp(x)/log(x)" --steps --by rules
diff "x*y+sin(x)" --at x=1,y=2 --steps --by gates
diff "mean(relu(x@W+b))" --at "x=[[1,2]],W=[[1,0],[0,1]],b=[0,0]" --steps
diff "x**3" --order 2
diff "sum(x**2)" --order 2 --at x=[1,2]
diff "x*y" --along x=1,y=1 --at x=1,y=2
diff "tanh(x)" --ways --at x=0.5
diff "abs(x)" --at x=0
diff "max(x,y)" --at x=1,y=1 --ties both
diff "x^2" --latex --steps
diff "x@W" --proof
diff "x@W" --proof --at "x=[[1,2]],W=[[1,0],[0,1]]"
diff "x^2" --jacobian --at x=[1,2]
diff "x^2" -o g.py
diff "x^2" -o g.c
check "sin(x)*y"
check "sin(x)*y" --at x=1,y=2
check "relu(x)" --at x=0
check "floor(x)"
check exam.net
check sign.py:backward --shapes x=3x4,W=4x2,b=2
check broken.py
check derivation.txt
check mystery.txt
gen mlp.net --data mnist -o s.py
gen exam.net --data exam -o run/
train exam.net --data exam --epochs 2 --out r1
train exam.net --data exam --epochs 2 --out r1
train exam.net --data exam --epochs 2 --out r1 --resume
train exam.net --data table.csv --y y --epochs 1 --out r2
predict r1 table.csv
export r1 w.safetensors
export r1 m.onnx
export r1 m.c
data list
data fetch exam
explain
explain misconceptions
explain relu
explain matmul
explain chain
explain Conv2d
explain MSELoss
explain Adam
explain overwritten-gradient
explain sogmoid
explain LSTM
explain double-where
lesson list
lesson show gates
lesson start gates
lesson next
lesson answer 1 3
lesson answer 1 "x+"
lesson hint
lesson solution
lesson status
lesson show chain-rule/sine
lesson answer chain-rule/sine "cos(4*x**2)"
lesson reset gates
lesson author new my/thing
lesson check-all
lesson author lint gates
lesson author try gates
teach sheet {sheets}/backpropagation.toml --roster names.csv -o out --format md
teach export {sheets}/backpropagation.toml --moodle q.xml
doctor
check broken.py good.py --csv t.csv
check "x +"
check "sn(x)"
check nothing.py
check good.py:other
check good.py:backward --shapes x=3
check "f = x\ny = df"
render "sin(x" -o a.svg
render "x" -o a.xyz
render "x" --at x=a
render "relu(x)" --open frob
render "log(x)" --at x=-1
diff "x*y" --wrt q
diff "where(x>0,sqrt(x),x)" --steps
diff "f = x@W" --at x=[1,2]
gen line.net --data mnist -o s2.py
gen nothing.net --data mnist -o s3.py
gen line.net --data nothing -o s4.py
train line.net --data line --epochs 1 --out r3 --no-pictures
render net.py --as net
explain batch_norm
explain cross_entropy
explain softmax
explain product-rule
explain fork
explain add
explain momentum
explain Adadelta
explain linear
explain dropout
explain bias-not-summed
explain div
explain exp
explain CosineEmbeddingLoss
explain HuberLoss
explain GRU
explain BatchNorm1d
explain adamw
explain quotient
explain weight-tying
check "where(x > 0, 1/x, 0)" --at x=0
check "sqrt(x)" --at x=-1
check good.py:backward --shapes x=0x4
diff "x if y else z"
diff "x**2" --order 9
diff "sum(x)" --jacobian
diff "x^1/3"
diff "ｘ＊２"
render "x*y" --at "x=[1,2],y=[1,2,3]"
render "x*y" --digits 99
render "x*y" --blank values -o a2.svg
gen exam.net --data exam --optimizer frob
gen exam.net --data table.csv --y q
train exam.net --data exam --epochs 0
predict r1 names.csv
lesson show neuron/edges
lesson answer softmax/1 "log(("
lesson answer softmax/1 １／２
lesson author lint nothing
teach sheet {sheets}/losses.toml --roster nothing.csv -o o2
teach export {sheets}/losses.toml
lesson show nothing
lesson answer gates/wires "p=1"
lesson answer gates/9 1
lesson start activations
teach sheet nothing.toml -o out
teach sheet names.csv -o out
predict nothing table.csv
export r1 m.xyz
data fetch nothing
frob
""".strip().splitlines()
