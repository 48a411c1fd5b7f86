"""Loops for every target: their order keeps the meaning, and they move fewer bytes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from test_step import NETWORKS

from gradtutor.codegen.cpu.numba_text import COMPILED
from gradtutor.codegen.fusion.facts import Facts
from gradtutor.codegen.fusion.groups import grouped
from gradtutor.codegen.fusion.rules import LoopRules
from gradtutor.codegen.gpu.kernels import KERNELS
from gradtutor.codegen.gpu.one_kernel.loops import PHASES
from gradtutor.codegen.ir.check import check_program
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program
from gradtutor.language import parse_network

#: Rules, and the back end whose operations they are for. Those of numba write in place:
#: with other rules than its own an order may be wrong in more ways.
RULES = {
    "numba": (COMPILED, "numba"),
    "numba, over others": (LoopRules(fits=COMPILED.fits), "numba"),
    "numba, related": (LoopRules(fits=COMPILED.fits, unrelated=False), "numba"),
    "cupy": (KERNELS, "cupy"),
    "cupy, few arrays": (replace(KERNELS, most_arrays=4), "cupy"),
    "one kernel": (PHASES, "cupy"),
}


def facts_of(name, rules):
    rules, backend = RULES[rules]
    graph = parse_network(NETWORKS[name])
    statistics = graph.graph["network"]["statistics"]
    settings = Settings(batch_size=64, backend=backend)
    return Facts.of(step_program(graph, settings, statistics)[1], rules)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("rules", RULES)
def test_the_order_of_loops_keeps_the_meaning(name, rules):
    facts = facts_of(name, rules)
    order = [op for group in grouped(facts) for op in group.all()]
    assert sorted(map(id, order)) == sorted(map(id, facts.program.ops))
    check_program(facts.program.with_ops(order))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", NETWORKS)
def test_loops_of_a_phase_need_nothing_of_each_other(name):
    facts = facts_of(name, "one kernel")
    loops = grouped(facts)
    for _, phase in itertools.groupby(loops, lambda loop: loop.level):
        own = {op: loop for loop in phase for op in loop.all()}
        for op, loop in own.items():
            assert all(own.get(one, loop) is loop for one in facts.before[op])


@pytest.mark.parametrize("name", ["activations", "lenet", "norms", "lstm", "signal"])
@pytest.mark.parametrize("rules", ["cupy", "cupy, few arrays", "one kernel"])
def test_what_is_made_later_moves_no_more_bytes(name, rules):
    facts = facts_of(name, rules)
    at_once = replace(facts.rules, moves_later=False)
    later, before = (
        sum(facts.traffic(group.all()) for group in grouped(replace(facts, rules=one)))
        for one in (facts.rules, at_once)
    )
    assert later <= before
    if (name, rules) == ("activations", "cupy"):
        assert later < before


def test_a_loop_takes_no_more_arrays_than_it_may():
    facts = facts_of("activations", "cupy, few arrays")
    loops = [group for group in grouped(facts) if len(group.ops) > 1]
    assert loops
    assert all(facts.arrays_taken(loop.ops) <= 4 for loop in loops)
