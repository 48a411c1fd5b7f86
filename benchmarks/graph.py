"""Time parse, gradient graph, values and layout from 10² to 10⁵ gates, beside peers.

    pip install -e ".[bench]" && python benchmarks/graph.py
    python benchmarks/graph.py --growth

Every contender gets the same two families of expressions: a *chain* in which each line
uses the one before twice (``t = t*sin(t)``), which a tree of symbols expands without
bound, and a *wide* sum of independent products. Times are medians of three, in seconds;
the growth column is how much longer ten times the gates take.

With --growth every command's work is measured in seconds of the processor, at sizes
that double, and the exponent of its growth is fitted: 1.00 is linear. Chains and wide
sums grow in gates, sums of one term for each input in inputs, scripts in layers.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

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


# ---- growth ----


def many_inputs(inputs: int) -> str:
    """Return a sum of one term for each input."""
    return " + ".join(f"x{i}*sin(x{i})" for i in range(inputs))


def layers(count: int) -> str:
    """Return a network of so many layers."""
    inner = ", ".join(["Linear(16), ReLU()"] * count)
    return f"Sequential([Input(8), {inner}, Linear(3)])\nloss = CrossEntropyLoss()"


def command(*words: str) -> Callable[[str], object]:
    """Return a command's work on a text; what it prints is thrown away."""
    from gradtutor.cli import main as run_command

    def work(text: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            run_command([words[0], text, *words[1:], "--quiet"])

    return work


def stages() -> dict[str, Callable[[str], object]]:
    """Return what is measured on a formula."""
    from gradtutor.calculus import backward_graph
    from gradtutor.evaluate import run
    from gradtutor.language import parse

    return {
        "parse": parse,
        "gradient": lambda text: backward_graph(parse(text)),
        "values": lambda text: run(parse(text), point_of(text)),
        "render (table)": command("render"),
        "render --json": command("render", "--json"),
        "render, symbols": command("render", "--show", "symbols"),
        "diff": command("diff"),
        "diff --steps": command("diff", "--steps"),
        "check": command("check"),
    }


def drawings() -> dict[str, Callable[[str], object]]:
    """Return what is measured on a formula that is small enough to draw."""
    from gradtutor.evaluate import run
    from gradtutor.language import parse
    from gradtutor.render import Style, dot_source

    return {
        "dot": lambda text: dot_source(run(parse(text), point_of(text)), Style()),
        "page": page,
    }


def point_of(text: str) -> dict[str, float]:
    """Return a value for each input."""
    from gradtutor.graph import inputs
    from gradtutor.language import parse

    return dict.fromkeys(inputs(parse(text)), 0.5)


def page(text: str) -> object:
    """Return a formula's page as text."""
    import gradtutor as gt

    return gt.circuit(text, **point_of(text)).page()


def script(text: str) -> object:
    """Lower a network and print its script."""
    from gradtutor.codegen import ScriptData, Settings, training_script
    from gradtutor.language import parse_network

    data = ScriptData("noise", "LOADER = None", "LOADER", 1, None, "Random.")
    return training_script(parse_network(text), data, Settings())


def processor_seconds(work: Callable[[str], object], text: str) -> float:
    """Return the least processor time of two runs."""
    times = []
    for _ in range(2):
        began = time.process_time()
        work(text)
        times.append(time.process_time() - began)
        if times[-1] > LIMIT / 4:
            break
    return min(times)


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Fit seconds = c · size^p by least squares of the logarithms; return p."""
    xs, ys = [math.log(size) for size in sizes], [math.log(one) for one in seconds]
    x, y = statistics.fmean(xs), statistics.fmean(ys)
    above = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return above / sum((a - x) ** 2 for a in xs)


def growth() -> None:
    """Print a line for every family and stage, with the exponent."""
    formulas = stages()
    families: list[tuple[str, Callable[[int], str], list[int], Any]] = [
        ("chain, gates", chain, [1000, 2000, 4000, 8000], formulas),
        ("wide sum, gates", wide, [1000, 2000, 4000, 8000], formulas),
        ("chain, drawn", chain, [150, 300, 600, 1200], drawings()),
        ("inputs", many_inputs, [50, 100, 200, 400], formulas),
        ("layers", layers, [4, 8, 16, 32], {"gen": script}),
    ]
    for family, make, sizes, works in families:
        print(f"\n{family:<22}" + "".join(f"{n:>9,}" for n in sizes) + "  exponent")
        make_texts = [make(size) for size in sizes]
        for name, work in works.items():
            work(make(sizes[0] // 2))  # imports, and what is kept for each gate
            found = [processor_seconds(work, text) for text in make_texts]
            cells = "".join(f"{one:9.3f}" for one in found)
            print(f"  {name:<20}{cells}{exponent(sizes, found):10.2f}", flush=True)


def main() -> None:
    """Run both families up to the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--growth", action="store_true", help="exponents instead")
    options = parser.parse_args()
    if options.growth:
        growth()
        return
    largest = options.largest
    sizes = [size for size in SIZES if size <= largest]
    report("chain: t = t*sin(t)", chain, ["t0"], sizes)
    report("wide: s = s + x*cos(y)", wide, [f"x{i}" for i in range(7)], sizes)


if __name__ == "__main__":
    main()
