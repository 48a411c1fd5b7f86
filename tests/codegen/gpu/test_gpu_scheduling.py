"""Which kernels a step on a GPU is made of: bytes that they move, and their number."""

from __future__ import annotations

import pytest
from networks import DEVICE_NETWORKS

from gradtutor.codegen.backends import BACKENDS
from gradtutor.codegen.fusion.facts import Facts, elements
from gradtutor.codegen.fusion.groups import grouped
from gradtutor.codegen.gpu.kernels import KERNELS
from gradtutor.codegen.ir.check import run_passes
from gradtutor.codegen.ir.loop import Loop, with_functions
from gradtutor.codegen.ir.operands import arrays_read, is_tensor
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program, training_step
from gradtutor.language import parse_network

#: At most: launches of pointwise kernels, different ones, bytes that they move in a
#: step on 64 examples. When every call joined the first kernel that could take it, this
#: was (2, 2, 327,680), (7, 7, 1,708,800) and (8, 8, 5,456,640); unrolled, the recurrent
#: ones had (18, 11, 282,624) and (26, 9, 90,764).
COSTS = {
    "tanh": (2, 2, 327_680),
    "norm": (7, 7, 1_577_728),
    "lstm": (10, 2, 230_400),
    "batch-norm": (9, 9, 4_670_656),  # and four sums over all numbers, not six
    "rnn": (20, 2, 98_560),
}


def program_of(name):
    """Return a network's step as calls, and the node of its loss."""
    text, features = DEVICE_NETWORKS[name]
    graph = parse_network(text + "\nloss = CrossEntropyLoss()", features, 10)
    _, program, loss = step_program(graph, Settings(batch_size=64, backend="cupy"))
    return program, loss


def kernels_of(program):
    """Return the step with its kernels, in the bodies of loops as well."""
    program = run_passes(program, BACKENDS["cupy"].before_printing)
    return with_functions(program, "launched")


def groups_of(program):
    """Return the operations of each kernel, or alone, in order."""
    return [group.all() for group in grouped(Facts.of(program, KERNELS))]


def fused(program):
    """Return a step's launches of pointwise kernels, a loop's once for each round."""
    found = []
    for op in program.ops:
        if isinstance(op, Loop):
            found += fused(op.body) * op.count
        elif op.kind == "loop" and op.options["function"].startswith("fused_"):
            found.append(op)
    return found


def moved(program):
    """Count the bytes that pointwise kernels read and write in a step."""
    total = 0
    for op in fused(program):
        read = dict.fromkeys(arg for arg in op.inputs if is_tensor(arg))
        for operand in (*read, *op.outputs):
            arrays = arrays_read(operand)
            width = 1 if arrays and arrays[0].dtype == "bool" else 4
            total += width * elements(program, operand.shape)
    return total


# ---- the order keeps its meaning ----


@pytest.mark.parametrize("name", DEVICE_NETWORKS)
def test_every_call_comes_once_and_after_what_it_reads(name):
    program, _ = program_of(name)
    order = [op for group in groups_of(program) for op in group]
    assert sorted(map(id, order)) == sorted(map(id, program.ops))
    made = {array for op in program.ops for array in op.written}
    done = set()
    for op in order:
        read = {one for arg in op.inputs for one in arrays_read(arg)}
        assert read & made <= done, op
        done |= set(op.written)


@pytest.mark.parametrize("name", DEVICE_NETWORKS)
def test_no_kernel_reaches_over_the_loss(name):
    program, loss = program_of(name)
    runs = groups_of(program)
    (last,) = [i for i, run in enumerate(runs) if any(c.node == loss for c in run)]
    made = {array for run in runs[: last + 1] for op in run for array in op.written}
    needed = {one for op in runs[last] for arg in op.inputs for one in arrays_read(arg)}
    assert needed <= made
    assert runs[last][-1].node == loss


# ---- what it costs ----


@pytest.mark.parametrize("name", DEVICE_NETWORKS)
def test_few_bytes_move_between_few_kernels(name):
    program = kernels_of(program_of(name)[0])
    texts = program.functions
    different = [text for text in texts if "fused_" in text.partition(" =")[0]]
    found = len(fused(program)), len(different), moved(program)
    assert all(a <= b for a, b in zip(found, COSTS[name], strict=True)), found


def bodies(name):
    """Return what a recurrent network's loops do at each step: forward, and back."""
    program = kernels_of(program_of(name)[0])
    return [op.body for op in program.ops if isinstance(op, Loop)]


def test_what_a_later_kernel_needs_is_computed_there():
    """1 - tanh(c) of a step of an LSTM stays in the kernel that multiplies by it."""
    written = [a.name for body in bodies("lstm") for op in body.ops for a in op.written]
    assert not [name for name in written if name.startswith("difference")]


def test_a_step_of_a_recurrent_network_is_a_product_and_a_kernel():
    for name in ("lstm", "rnn"):
        for body in bodies(name):
            assert sorted(op.kind for op in body.ops) == ["loop", "matmul"]


# ---- equal kernels ----


def test_layers_of_the_same_kind_share_their_kernels():
    text = "Sequential([Input(5, 4), LSTM(6), LSTM(6), LSTM(5), Linear(10)])"
    graph = parse_network(text + "\nloss = CrossEntropyLoss()", 20, 10)
    step = training_step(graph, Settings(batch_size=64, backend="cupy"))
    assert len(step.loops) == 2
    (forward, _) = step.loops
    assert forward.startswith("# launched 3 times; its names are those of the first\n")


def test_kernels_that_differ_in_anything_but_names_are_not_one():
    text = "Sequential([Input(4), Linear(5), {0}, Linear(5), {1}, Linear(3)])"
    for pair, kernels in ((("Tanh()", "Tanh()"), 2), (("Tanh()", "Sigmoid()"), 4),
                          (("LeakyReLU(0.1)", "LeakyReLU(0.2)"), 4)):  # fmt: skip
        graph = parse_network(text.format(*pair) + "\nloss = CrossEntropyLoss()", 4, 3)
        _, program, _ = step_program(graph, Settings(batch_size=64, backend="cupy"))
        assert len(kernels_of(program).functions) == kernels, pair


# ---- parts of one array ----


def test_an_lstms_gates_write_their_parts_of_dz_themselves():
    _, back = bodies("lstm")
    (step,) = [op for op in back.ops if op.kind == "loop"]
    written = sorted(back.text(out) for out in step.outputs)
    parts = ["dz1[:, 12:18]", "dz1[:, 18:24]", "dz1[:, 6:12]", "dz1[:, :6]"]
    assert [text for text in written if text.startswith("dz1")] == parts


PARTS = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 9)
        self.outer = nn.Linear(3, 10)
    def forward(self, x):
        z = self.inner(x)
        return self.outer(torch.tanh(z[:, :3]) * torch.sigmoid(z[:, 3:6]))
model = Net()
loss = nn.CrossEntropyLoss()
"""


def test_what_parts_do_not_fill_stays_zero():
    """The last columns of z are not used, so a third of dz is zero."""
    graph = parse_network(PARTS, 4, 10)
    _, program, _ = step_program(graph, Settings(batch_size=64, backend="cupy"))
    program = kernels_of(program)
    (step,) = [op for op in program.ops if "dz1" in {o.name for o in op.written}]
    written = sorted(program.text(out) for out in step.outputs)
    assert written == ["dz1[:, 3:6]", "dz1[:, :3]"]
    zeros = {array.name for array in program.constants if array.filling == 0.0}
    assert zeros == {"dz1", "loss"}


# ---- sums of products ----


def test_each_example_has_threads_for_its_part_of_a_weights_gradient():
    program = kernels_of(program_of("batch-norm")[0])
    lines = [program.statement(op) for op in program.ops]
    total = [line for line in lines if "_parts, " in line]
    assert total == ["sum_over(dW3_parts, (5, 6), out=dW3.reshape(4, 4, 4, 3, 3))"]
    said = "out[g, o, c, I, j, w, M] = sum over h of a[g, o, h, w, M] b["
    assert sum(said in text for text in program.functions) == 1
