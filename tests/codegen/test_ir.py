"""The typed step: what its check refuses, what is known of sizes and numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from networks import DEVICE_NETWORKS
from test_step import NETWORKS

from gradtutor.codegen.backends import BACKENDS
from gradtutor.codegen.ir.check import (
    BrokenStepError,
    check_blocks,
    check_program,
    run_passes,
)
from gradtutor.codegen.ir.memory import Block, plan_memory
from gradtutor.codegen.ir.names import name_arrays
from gradtutor.codegen.ir.operands import (
    Array,
    Constant,
    Count,
    Formula,
    Value,
    View,
    known_number,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.size import Size, product, sizes_of
from gradtutor.codegen.parallel import with_share
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

MLP = NETWORKS["mlp"]


def program_of(text, backend="numpy", half="", conv="windows", share=False):
    graph = parse_network(text)
    statistics = graph.graph["network"]["statistics"]
    graph = with_share(graph) if share else graph
    settings = Settings(
        batch_size=64, backend=backend, precision=half or "float32", ties="both",
        conv=conv,
    )  # fmt: skip
    return step_program(graph, settings, statistics)[1]


# ---- every pass leaves a step that holds ----


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("share", [False, True])
def test_a_step_for_a_processor_holds_after_every_pass(name, backend, share):
    program = program_of(NETWORKS[name], backend, share=share)
    program = run_passes(program, BACKENDS[backend].before_printing)
    check_blocks(program, plan_memory(program))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", [*NETWORKS, *DEVICE_NETWORKS])
@pytest.mark.parametrize(
    ("half", "conv"), [("", "windows"), ("float16", "cudnn"), ("bfloat16", "windows")]
)
def test_a_step_for_a_device_holds_after_every_pass(name, half, conv):
    text = NETWORKS.get(name) or f"{DEVICE_NETWORKS[name][0]}\nloss = 'cross_entropy'"
    program = program_of(text, "cupy", half, conv, share=half == "bfloat16")
    program = run_passes(program, BACKENDS["cupy"].before_printing)
    check_blocks(program, plan_memory(program))


def test_passes_are_named_data():
    names = {
        name: [one.__name__ for one in backend.before_printing]
        for name, backend in BACKENDS.items()
    }
    assert names["numba"] == ["synchronise", "compile_loops", "side_by_side"]
    kernels = ["sum_kernels", "device_kernels", "written_in_place", "side_by_side"]
    assert names["cupy"][-4:] == kernels
    assert BACKENDS["cupy"].after_lowering[-1] is name_arrays


# ---- what is refused ----


def test_a_value_read_before_it_is_written_is_refused():
    program = program_of(MLP)
    turned = program.with_ops(program.ops[::-1])
    with pytest.raises(BrokenStepError, match="before it is written"):
        check_program(turned)


def test_a_write_over_what_is_still_read_is_refused():
    program = program_of(MLP)
    place, product_op = next(
        (i, op) for i, op in enumerate(program.ops) if op.kind == "matmul"
    )
    other = Value(product_op.out.shape, product_op.written[0], "another node")
    ops = list(program.ops)
    ops.insert(place + 1, Op("copy", (product_op.out,), (other,), node="another node"))
    with pytest.raises(BrokenStepError, match="another node has overwritten"):
        check_program(program.with_ops(ops))


def test_shapes_that_do_not_agree_are_refused():
    program = program_of(MLP)
    place, op = next((i, op) for i, op in enumerate(program.ops) if op.kind == "matmul")
    wrong = replace(op, inputs=op.inputs[::-1])
    ops = [*program.ops[:place], wrong, *program.ops[place + 1 :]]
    with pytest.raises(BrokenStepError, match="a product for"):
        check_program(program.with_ops(ops))
    op = next(op for op in program.ops if op.elementwise and len(op.inputs) == 2)
    narrow = Value(sizes_of((3, 7)), Array(sizes_of((3, 7)), external=True))
    wrong = replace(op, inputs=(narrow, op.inputs[1]))
    ops = [wrong if one is op else one for one in program.ops]
    with pytest.raises(BrokenStepError, match=r"\(3, 7\) in"):
        check_program(program.with_ops(ops))


def test_a_view_outside_what_it_looks_at_is_refused():
    program = program_of(MLP)
    whole = Value(sizes_of((4, 6)), Array(sizes_of((4, 6)), external=True))
    for cuts, shape, fits in (
        (((0, 2, 1), (0, None, 1)), (2, 6), True),
        (((0, 2, 1), (0, None, 1)), (3, 6), False),
    ):
        cut = View("slice", (whole,), sizes_of(shape), (("cuts", cuts),))
        made = Value(sizes_of(shape), Array(sizes_of(shape)), "n")
        changed = program.with_ops([Op("copy", (cut,), (made,), node="n")])
        if fits:
            check_program(changed)
        else:
            with pytest.raises(BrokenStepError, match="view by slice"):
                check_program(changed)


def test_a_pass_is_named_when_it_breaks_a_step():
    def backwards(program):
        return program.with_ops(program.ops[::-1])

    with pytest.raises(BrokenStepError, match=r"^after backwards: "):
        run_passes(program_of(MLP), [backwards])


def test_memory_that_two_need_at_once_is_refused():
    program = program_of(MLP)
    blocks = plan_memory(program)
    check_blocks(program, blocks)
    arrays = [array for block in blocks for array in block.arrays]
    first, second = (next(a for a in arrays if a.name == name) for name in ("h1", "h2"))
    for shared in ([first, second], [second, first]):
        block = Block("float32", product(second.shape), shared)
        with pytest.raises(BrokenStepError):
            check_blocks(program, [block])
    small = Block("float32", Size(1, ("N",)), [first])
    with pytest.raises(BrokenStepError, match="larger than its block"):
        check_blocks(program, [small])


# ---- sizes and numbers ----


@pytest.mark.parametrize(
    ("dimension", "text", "at"),
    [(6, "6", 6), ("N", "N", 4), ("6*N", "6 * N", 24), (1, "1", 1), (0, "0", 0)],
)
def test_a_size_is_read_once_and_written_as_c_and_python_do(dimension, text, at):
    size = Size.of(dimension)
    assert (size.text, size.at(4), size.dimension) == (text, at, dimension)
    assert size.fixed == isinstance(dimension, int)


def test_numbers_are_known_where_nothing_in_them_is_not():
    two, batch = Constant(2.0), Count(Size(3, ("N",)))
    assert known_number(Formula("div", (two, Count(Size(8))))) == 0.25
    assert known_number(Formula("div", (two, batch))) is None
    assert known_number(Formula("exp", (two,))) is None  # the script's to compute
