"""Proofs as LaTeX: formulas only of LaTeX's words; pdflatex takes them, where it is."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from gradtutor.cli import main

PROVED = {
    "x @ A @ x": "x: (3,)\nA: (3, 3)",
    "sum(softmax(X @ W + b))": "X: (4, 3)\nW: (3, 2)\nb: (2,)",
    "sum(conv(x, w, stride=2, padding=1))": "x: (2, 5, 5, 3)\nw: (4, 2, 3, 3)",
    "cross_entropy(z, y)": "z: (4, 3)\ny: (4,)",
}


def proofs(text):
    written = f"{PROVED[text]}\n{text}"
    result = CliRunner().invoke(main, ["diff", written, "--proof", "--latex"])
    assert result.exit_code == 0, result.output
    return "\\paragraph{Proof" + result.stdout.partition("\\paragraph{Proof")[2]


@pytest.mark.parametrize("text", PROVED)
def test_a_proof_is_formulas(text):
    page = proofs(text)
    assert r"\frac{\partial" in page
    assert r"\sum_{" in page
    assert "verbatim" not in page
    assert page.isascii()
    for formula in re.findall(r"\$([^$]*)\$", page):
        assert formula.count("{") == formula.count("}")
        assert not re.search(r"[\[\]]", formula)


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no pdflatex here")
def test_pdflatex_takes_all_proofs(tmp_path):
    head = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}"
    body = "\n\n".join(map(proofs, PROVED))
    path = tmp_path / "proofs.tex"
    path.write_text(f"{head}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    said = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name],
        cwd=tmp_path, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-1500:]
