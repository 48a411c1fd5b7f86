"""Derivations as they are written on paper: right ones pass, a slip is found."""

from __future__ import annotations

import pytest
from places import TESTS

from gradtutor.audit.paper.derivation import audit_derivation
from gradtutor.audit.paper.text import is_derivation

#: In a text whose name ends in _w the last claim, or that on the line said, is wrong.
TEXTS = sorted((TESTS / "audit" / "paper").glob("*.txt"), key=lambda p: p.stem)
WRONG_LINE = {"nn_w": 5, "alias_w": 4}


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_a_derivation_is_read_as_it_is_written(path):
    text = path.read_text(encoding="utf-8")
    assert is_derivation(text)
    report = audit_derivation(text)
    assert report.ok is not path.stem.endswith("_w")
    assert any(line.ok is not None for line in report.lines)
    if report.place:
        last = max(line.line for line in report.lines if line.ok is not None)
        assert report.place.line == WRONG_LINE.get(path.stem, last)
        assert report.place.text in text.replace("$", "")
