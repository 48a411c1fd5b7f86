"""Formulas as networks: the script that ``gen`` prints, and its own check, run here."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import warnings

import numpy as np
from click.testing import CliRunner
from random_formulas import random_formula

import gradtutor as gt
from gradtutor.cli import main

TIES = ("torch", "left", "right", "both")


def network_of(text, seed=0, target="t"):
    """Return a formula as a network: its first input is data, the others parameters."""
    first, *others = gt.parse(text).inputs
    rng = np.random.default_rng(seed)
    starts = [f"{one}: parameter () = {rng.normal():.2f}" for one in others]
    lines = [f"{first}: (N,)", f"{target}: target (N,)", *starts]
    lines += ["q: parameter () = 0.3", f"prediction = q*({text})"]
    return first, "\n".join([*lines, f"loss = mean((prediction - {target})**2)"])


def generated(text, folder, seed=0, ties="torch", target="t"):
    """Run gen on a formula as a network; return the result, and the script's path."""
    first, network = network_of(text, seed, target)
    rows = np.random.default_rng(seed).normal(size=(12, 2)).round(3)
    table = [f"{first},{target}", *(f"{a},{b}" for a, b in rows)]
    (folder / "d.csv").write_text("\n".join(table))
    (folder / "f.txt").write_text(network)
    given = ["--data", str(folder / "d.csv"), "-o", str(folder / "s.py")]
    words = ["gen", str(folder / "f.txt"), *given, "--ties", ties, "--quiet"]
    return CliRunner().invoke(main, words), folder / "s.py"


def own_check(path):
    """Run a script's --check in this process; return what it prints.

    Its exit code must be that of its worst verdict.
    """
    kept, sys.argv = sys.argv, [str(path), "--check"]
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                runpy.run_path(str(path), run_name="__main__")
            except SystemExit as end:
                code = end.code
    finally:
        sys.argv = kept
    said = out.getvalue()
    assert code == (1 if "WRONG" in said else 5 if "undecided" in said else 0), said
    return said


def drive_gen(seed, folder):
    """Take one random formula through gen and its script's check."""
    text = random_formula(seed).text
    if not gt.parse(text).inputs:
        return ""
    result, path = generated(text, folder, seed, TIES[seed % 4])
    clean = result.exception is None or isinstance(result.exception, SystemExit)
    assert clean and result.exit_code in (0, 3), (text, result.output)
    said = own_check(path) if result.exit_code == 0 else ""
    assert "WRONG" not in said, (text, said)
    return said
