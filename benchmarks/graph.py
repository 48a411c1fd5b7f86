"""Time parse, gradient graph, values and layout from 10² to 10⁵ gates, beside peers.

    pip install -e ".[bench]" && python benchmarks/graph.py

Every contender gets the same two families of expressions: a *chain* in which each line
uses the one before twice (``t = t*sin(t)``), which a tree of symbols expands without
bound, and a *wide* sum of independent products. Times are medians of three, in seconds;
the growth column is how much longer ten times the gates take.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

SIZES = (100, 1_000, 10_000, 100_000)
LIMIT = 20.0  # seconds after which a contender is not asked for a larger size


def chain(gates: int) -> str:
    """Return x*sin(x) nested: two gates a line, every value used twice."""
    lines = [f"t{i + 1} = t{i}*sin(t{i})" for i in range(gates // 2)]
    return "\n".join(["t0 = 0.5", *lines])


def wide(gates: int) -> str:
    """Return a running sum of products of few inputs: three gates a line."""
    lines = [
        f"s{i + 1} = s{i} + x{i % 7}*cos(x{(i + 3) % 7})" for i in range(gates // 3)
    ]
    start = [f"x{i} = 0.{i + 1}" for i in range(7)]
    return "\n".join([*start, "s0 = 0.0", *lines])


def timed(call: Callable[[], object], repeats: int = 3) -> float:
    """Return the median time of a call, in seconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
        if times[-1] > LIMIT / 4:
            break
    return statistics.median(times)


def gradtutor_times(text: str) -> dict[str, float]:
    """Time gradtutor's four stages on one text."""
    from gradtutor.calculus import backward_graph
    from gradtutor.evaluate import run
    from gradtutor.language import parse
    from gradtutor.render import LayoutError, Style, dot_source, render_bytes
    from gradtutor.render.circuit_drawing import MAX_NODES

    graph = parse(text)
    result = {
        "parse": timed(lambda: parse(text)),
        "gradient": timed(lambda: backward_graph(graph)),
        "values": timed(lambda: run(graph, {})),
    }
    if len(graph) <= MAX_NODES:
        dot = dot_source(run(graph, {}), Style())
        try:
            result["layout"] = timed(lambda: render_bytes(dot, "svg"), 1)
        except LayoutError:  # after its two minutes
            result["layout"] = float("inf")
    return result


def python_function(text: str, names: dict[str, object]) -> dict[str, object]:
    """Run our own benchmark text as Python over a peer's symbols."""
    scope = dict(names)
    lines = [line for line in text.split("\n") if line.split(" = ")[0] not in names]
    exec("\n".join(lines), scope)
    return scope


def sympy_time(text: str, inputs: list[str]) -> float:
    """Time sympy: build the expression and differentiate it by every input."""
    import sympy

    def work() -> None:
        symbols = {name: sympy.Symbol(name) for name in inputs}
        names = {**symbols, "sin": sympy.sin, "cos": sympy.cos}
        scope = python_function(text, names)
        output = scope[text.rsplit("\n", 1)[1].split(" = ")[0]]
        for symbol in symbols.values():
            sympy.diff(output, symbol)

    return timed(work, 1)


def casadi_time(text: str, inputs: list[str]) -> float:
    """Time casadi: build the SX graph and its reverse-mode gradient."""
    import casadi

    def work() -> None:
        symbols = {name: casadi.SX.sym(name) for name in inputs}
        names = {**symbols, "sin": casadi.sin, "cos": casadi.cos}
        scope = python_function(text, names)
        output = scope[text.rsplit("\n", 1)[1].split(" = ")[0]]
        casadi.gradient(output, casadi.vertcat(*symbols.values()))

    return timed(work)


def report(
    name: str, make: Callable[[int], str], inputs: list[str], sizes: list[int]
) -> None:
    """Print one family's table."""
    print(f"\n{name}")
    columns = ("parse", "gradient", "values", "layout", "casadi", "sympy.diff")
    print(
        f"{'gates':>8}" + "".join(f"{column:>11}" for column in columns) + "   growth"
    )
    slow: set[str] = set()
    before = 0.0
    for gates in sizes:
        text = make(gates)
        row = gradtutor_times(text)
        for peer, measure in (("casadi", casadi_time), ("sympy.diff", sympy_time)):
            if peer not in slow:
                row[peer] = _bounded(measure, text, inputs)
                if row[peer] > LIMIT / 10:
                    slow.add(peer)
        total = row["parse"] + row["gradient"]
        growth = f"{total / before:6.1f}x" if before else ""
        before = total
        cells = [f"{row[c]:>11.4f}" if c in row else f"{'-':>11}" for c in columns]
        print(f"{gates:>8}" + "".join(cells) + f"   {growth}", flush=True)


def _bounded(
    measure: Callable[[str, list[str]], float], text: str, inputs: list[str]
) -> float:
    """Measure in a child process, so that an exponential peer can be stopped."""
    import multiprocessing

    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(measure(text, inputs)))
    child.start()
    seconds = receiver.recv() if receiver.poll(LIMIT) else float("inf")
    child.kill()
    return seconds


def main() -> None:
    """Run both families up to the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    largest = parser.parse_args().largest
    sizes = [size for size in SIZES if size <= largest]
    report("chain: t = t*sin(t)", chain, ["t0"], sizes)
    report("wide: s = s + x*cos(y)", wide, [f"x{i}" for i in range(7)], sizes)


if __name__ == "__main__":
    main()
