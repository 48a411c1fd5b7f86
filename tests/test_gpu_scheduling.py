"""Which kernels a step on a GPU is made of: bytes that they move, and their number."""

from __future__ import annotations

import pytest

from gradtutor.codegen.gpu.kernels import device_kernels
from gradtutor.codegen.gpu.scheduling import Facts, elements, scheduled
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
    "batch-norm": (8, 8, 5_456_640),
    "rnn": (26, 9, 90_764),
}


def program_of(name):
    """Return a network's step as calls, and the node of its loss."""
    text, features = NETWORKS[name]
    graph = parse_network(text + "\nloss = CrossEntropyLoss()", features, 10)
    _, program, loss = step_program(graph, (), 64, "cupy")
    return program, loss


def moved(program):
    """Count the bytes that pointwise kernels read and write in a step."""
    total = 0
    for call in program.calls:
        if not call.template.startswith("fused_"):
            continue
        read = {program.text(arg): arg for arg in call.args if program.is_tensor(arg)}
        for operand in (*read.values(), *call.outs):
            value = program.value_of(operand)
            width = 1 if value and value.array.dtype == "bool" else 4
            total += width * elements(program, program.shape_of(operand))
    return total


# ---- the order keeps its meaning ----


@pytest.mark.parametrize("name", NETWORKS)
def test_every_call_comes_once_and_after_what_it_reads(name):
    program, loss = program_of(name)
    order = [call for run in scheduled(Facts.of(program, loss)) for call in run]
    assert sorted(map(id, order)) == sorted(map(id, program.calls))
    made = {id(value.array) for call in program.calls for value in call.outs}
    done = set()
    for call in order:
        read = {id(one) for arg in call.args for one in program.arrays_read(arg)}
        assert read & made <= done, call
        done |= {id(value.array) for value in call.outs}


@pytest.mark.parametrize("name", NETWORKS)
def test_no_kernel_reaches_over_the_loss(name):
    program, loss = program_of(name)
    runs = list(scheduled(Facts.of(program, loss)))
    (last,) = [i for i, run in enumerate(runs) if any(c.node == loss for c in run)]
    made = {
        id(value.array) for run in runs[: last + 1] for c in run for value in c.outs
    }
    needed = {id(one) for call in runs[last] for arg in call.args
              for one in program.arrays_read(arg)}  # fmt: skip
    assert needed <= made
    assert runs[last][-1].node == loss


# ---- what it costs ----


@pytest.mark.parametrize("name", NETWORKS)
def test_few_bytes_move_between_few_kernels(name):
    program, loss = program_of(name)
    texts = device_kernels(program, loss)
    launched = [c for c in program.calls if c.template.startswith("fused_")]
    fused = [text for text in texts if "fused_" in text.partition(" =")[0]]
    found = len(launched), len(fused), moved(program)
    assert all(a <= b for a, b in zip(found, COSTS[name], strict=True)), found


def test_what_a_later_kernel_needs_is_computed_there():
    """1 - tanh(c) of a step of an LSTM stays in the kernel that multiplies by it."""
    program, loss = program_of("lstm")
    device_kernels(program, loss)
    written = [out.array.name for c in program.calls for out in c.outs]
    assert not [name for name in written if name.startswith("difference")]


# ---- equal kernels ----


def test_the_steps_of_a_recurrent_network_share_their_kernels():
    program, loss = program_of("lstm")
    texts = device_kernels(program, loss)
    names = [c.template.partition("(")[0] for c in program.calls if c.ufunc == "loop"]
    assert names.count("fused_tanh_h1") == 3  # the first has no c before, the last one
    (text,) = [text for text in texts if "fused_tanh_h1 =" in text]  # keeps no c
    assert text.startswith("# launched 3 times; its names are those of the first\n")
    assert '"T z_i1_2, T z_g1_2, T z_f1_2, T c1_1, T z_o1_2"' in text


def test_kernels_that_differ_in_anything_but_names_are_not_one():
    text = "Sequential([Input(4), Linear(5), {0}, Linear(5), {1}, Linear(3)])"
    for pair, kernels in ((("Tanh()", "Tanh()"), 2), (("Tanh()", "Sigmoid()"), 4),
                          (("LeakyReLU(0.1)", "LeakyReLU(0.2)"), 4)):  # fmt: skip
        graph = parse_network(text.format(*pair) + "\nloss = CrossEntropyLoss()", 4, 3)
        _, program, loss = step_program(graph, (), 64, "cupy")
        assert len(device_kernels(program, loss)) == kernels, pair


# ---- parts of one array ----


def test_an_lstms_gates_write_their_parts_of_dz_themselves():
    program, loss = program_of("lstm")
    device_kernels(program, loss)
    (step,) = [c for c in program.calls if "dz1_3" in {o.array.name for o in c.outs}]
    written = sorted(program.text(out) for out in step.outs)
    parts = ["dz1_3[:, 12:18]", "dz1_3[:, 18:24]", "dz1_3[:, 6:12]", "dz1_3[:, :6]"]
    assert written[:4] == parts
    assert step.template.startswith("fused_dz1(")


def test_what_parts_do_not_fill_stays_zero():
    """The first step of an LSTM has no forget gate, so a quarter of dz is zero."""
    program, loss = program_of("lstm")
    device_kernels(program, loss)
    (step,) = [c for c in program.calls if "dz1_1" in {o.array.name for o in c.outs}]
    written = sorted(program.text(out) for out in step.outs)
    assert written == ["dz1_1[:, 12:18]", "dz1_1[:, 18:24]", "dz1_1[:, :6]"]
    zeros = {array.name for array in program.constants if array.filling == "0.0"}
    assert zeros == {"dz1_1", "loss"}


# ---- sums of products ----


def test_each_example_has_threads_for_its_part_of_a_weights_gradient():
    program, loss = program_of("batch-norm")
    texts = device_kernels(program, loss)
    total = [
        program.statement(c)
        for c in program.calls
        if "_parts, " in program.statement(c)
    ]
    assert total == ["sum_over(dW3_parts, (5, 6), out=dW3.reshape(4, 4, 4, 3, 3))"]
    said = "out[g, o, c, I, j, w, M] = sum over h of a[g, o, h, w, M] b["
    assert sum(said in text for text in texts) == 1
