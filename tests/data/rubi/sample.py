"""Draw the sample of antiderivatives from SymPy 1.6.2's copy of Rubi's test suite.

    python sample.py FOLDER_WITH_THE_UNPACKED_WHEEL > /dev/null

Rubi's rules and tests are by Albert Rich, under the MIT licence
(https://rulebasedintegration.org); SymPy's copy is under its BSD licence. A line of the
sample is the variable, the integrand and its antiderivative.
"""

from __future__ import annotations

import ast
import gzip
import random
import sys
from pathlib import Path

COUNT, LONGEST, SEED = 2200, 500, 20261130


class Plain(ast.NodeTransformer):
    """Writes S(2) as 2, and E, Pi and Erf as all else does."""

    def visit_Name(self, node):
        names = {"Pi": "pi", "Erf": "erf", "ArcTan": "atan", "ArcTanh": "atanh"}
        if node.id == "E":
            return ast.parse("exp(1)", mode="eval").body
        return ast.Name(names.get(node.id, node.id))

    def visit_Call(self, node):
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return node.args[0] if name == "S" else node


def entries(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(
                ast.Name("rubi_test"),
                [ast.Call(_, [integrand, ast.Name(variable)]), _, found, *_],
            ):
                texts = [ast.unparse(Plain().visit(one)) for one in (integrand, found)]
                yield variable, *texts


def main():
    folder = Path(sys.argv[1]) / "sympy/integrals/rubi/rubi_tests/tests"
    rows = {
        row
        for path in sorted(folder.glob("test_*.py"))
        for row in entries(path)
        if len(row[2]) <= LONGEST and "Int" not in row[2]
    }
    chosen = random.Random(SEED).sample(sorted(rows), COUNT)
    text = "\n".join("\t".join(row) for row in sorted(chosen)) + "\n"
    target = Path(__file__).with_name("antiderivatives.tsv.gz")
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(rows), len(text), target.stat().st_size, file=sys.stderr)


main()
