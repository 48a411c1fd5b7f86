"""Which kernels a step on a GPU is made of: bytes that they move, and their number."""

from __future__ import annotations

import pytest

from gradtutor.codegen.gpu.kernels import device_kernels
from gradtutor.codegen.gpu.scheduling import Facts, elements, scheduled
from gradtutor.codegen.ir.operands import arrays_read, is_tensor
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

LSTM = "Sequential([Input(5, 4), LSTM(6), Linear(10)])"
#: Text and features.
NETWORKS = {
    "tanh": ("Sequential([Input(784), Linear(256), Tanh(), Linear(10)])", 784),
    "norm": (
        "Sequential([Input(784), Linear(256), LayerNorm(256), GELU(), Dropout(0.1), "
        "Linear(256), Swish(), Linear(10)])",
        784,
    ),
    "lstm": (LSTM, 20),
    "batch-norm": (
        "Sequential([Input(3, 8, 8), Conv2d(16, 3, padding=1), BatchNorm2d(16), "
        "ReLU(), Conv2d(16, 3, groups=4), Sigmoid(), Flatten(), Linear(10)])",
        192,
    ),
    "rnn": ("Sequential([Input(5, 4), RNN(6), RNN(5), Linear(10)])", 20),
}

#: At most: launches of pointwise kernels, different ones, bytes that they move in a
#: step on 64 examples. When every call joined the first kernel that could take it, this
#: was (2, 2, 327,680), (7, 7, 1,708,800), (27, 27, 500,736), (8, 8, 5,456,640) and
#: (26, 26, 135,820).
COSTS = {
    "tanh": (2, 2, 327_680),
    "norm": (7, 7, 1_577_728),
    "lstm": (18, 11, 282_624),
    "batch-norm": (9, 9, 4_670_656),  # and four sums over all numbers, not six
    "rnn": (26, 9, 90_764),
}


def program_of(name):
    """Return a network's step as calls, and the node of its loss."""
    text, features = NETWORKS[name]
    graph = parse_network(text + "\nloss = CrossEntropyLoss()", features, 10)
    _, program, loss = step_program(graph, Settings(batch_size=64, backend="cupy"))
    return program, loss


def fused(program):
    """Return the launches of a step's pointwise kernels."""
    loops = [op for op in program.ops if op.kind == "loop"]
    return [op for op in loops if op.options["function"].startswith("fused_")]


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


@pytest.mark.parametrize("name", NETWORKS)
def test_every_call_comes_once_and_after_what_it_reads(name):
    program, loss = program_of(name)
    order = [op for run in scheduled(Facts.of(program, loss)) for op in run]
    assert sorted(map(id, order)) == sorted(map(id, program.ops))
    made = {array for op in program.ops for array in op.written}
    done = set()
    for op in order:
        read = {one for arg in op.inputs for one in arrays_read(arg)}
        assert read & made <= done, op
        done |= set(op.written)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_kernel_reaches_over_the_loss(name):
    program, loss = program_of(name)
    runs = list(scheduled(Facts.of(program, loss)))
    (last,) = [i for i, run in enumerate(runs) if any(c.node == loss for c in run)]
    made = {array for run in runs[: last + 1] for op in run for array in op.written}
    needed = {one for op in runs[last] for arg in op.inputs for one in arrays_read(arg)}
    assert needed <= made
    assert runs[last][-1].node == loss


# ---- what it costs ----


@pytest.mark.parametrize("name", NETWORKS)
def test_few_bytes_move_between_few_kernels(name):
    program = device_kernels(program_of(name)[0])
    texts = program.functions
    different = [text for text in texts if "fused_" in text.partition(" =")[0]]
    found = len(fused(program)), len(different), moved(program)
    assert all(a <= b for a, b in zip(found, COSTS[name], strict=True)), found


def test_what_a_later_kernel_needs_is_computed_there():
    """1 - tanh(c) of a step of an LSTM stays in the kernel that multiplies by it."""
    program = device_kernels(program_of("lstm")[0])
    written = [array.name for op in program.ops for array in op.written]
    assert not [name for name in written if name.startswith("difference")]


# ---- equal kernels ----


def test_the_steps_of_a_recurrent_network_share_their_kernels():
    program = device_kernels(program_of("lstm")[0])
    texts = program.functions
    names = [op.options["function"] for op in program.ops if op.kind == "loop"]
    assert names.count("fused_tanh_h1") == 3  # the first has no c before, the last one
    (text,) = [text for text in texts if "fused_tanh_h1 =" in text]  # keeps no c
    assert text.startswith("# launched 3 times; its names are those of the first\n")
    assert '"T z_i1_2, T z_g1_2, T z_f1_2, T c1_1, T z_o1_2"' in text


def test_kernels_that_differ_in_anything_but_names_are_not_one():
    text = "Sequential([Input(4), Linear(5), {0}, Linear(5), {1}, Linear(3)])"
    for pair, kernels in ((("Tanh()", "Tanh()"), 2), (("Tanh()", "Sigmoid()"), 4),
                          (("LeakyReLU(0.1)", "LeakyReLU(0.2)"), 4)):  # fmt: skip
        graph = parse_network(text.format(*pair) + "\nloss = CrossEntropyLoss()", 4, 3)
        _, program, _ = step_program(graph, Settings(batch_size=64, backend="cupy"))
        assert len(device_kernels(program).functions) == kernels, pair


# ---- parts of one array ----


def test_an_lstms_gates_write_their_parts_of_dz_themselves():
    program = device_kernels(program_of("lstm")[0])
    (step,) = [op for op in program.ops if "dz1_3" in {o.name for o in op.written}]
    written = sorted(program.text(out) for out in step.outputs)
    parts = ["dz1_3[:, 12:18]", "dz1_3[:, 18:24]", "dz1_3[:, 6:12]", "dz1_3[:, :6]"]
    assert written[:4] == parts
    assert step.options["function"] == "fused_dz1"


def test_what_parts_do_not_fill_stays_zero():
    """The first step of an LSTM has no forget gate, so a quarter of dz is zero."""
    program = device_kernels(program_of("lstm")[0])
    (step,) = [op for op in program.ops if "dz1_1" in {o.name for o in op.written}]
    written = sorted(program.text(out) for out in step.outputs)
    assert written == ["dz1_1[:, 12:18]", "dz1_1[:, 18:24]", "dz1_1[:, :6]"]
    zeros = {array.name for array in program.constants if array.filling == 0.0}
    assert zeros == {"dz1_1", "loss"}


# ---- sums of products ----


def test_each_example_has_threads_for_its_part_of_a_weights_gradient():
    program = device_kernels(program_of("batch-norm")[0])
    lines = [program.statement(op) for op in program.ops]
    total = [line for line in lines if "_parts, " in line]
    assert total == ["sum_over(dW3_parts, (5, 6), out=dW3.reshape(4, 4, 4, 3, 3))"]
    said = "out[g, o, c, I, j, w, M] = sum over h of a[g, o, h, w, M] b["
    assert sum(said in text for text in program.functions) == 1
