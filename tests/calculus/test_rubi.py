"""Of Rubi's antiderivatives, differentiated back, none is wrong; mpmath judges."""

from __future__ import annotations

import os
import random

import pytest
import rubi

from gradtutor.language.formula.functions.naming import known_function

CAMPAIGN = os.environ.get("GRADTUTOR_CAMPAIGN")


def check(entries):
    result = rubi.Result()
    for entry in entries:
        rubi.judge(entry, result)
    assert result.wrong == []
    ours = [cause for cause in result.unsupported if known_function(str(cause))]
    unnamed = [cause for cause in result.unsupported if not str(cause).isidentifier()]
    assert ours + unnamed == [], result.unsupported
    return result


def test_a_sample_of_rubis_antiderivatives():
    rows = list(rubi.entries())
    assert len(rows) >= 2000
    result = check(random.Random(7).sample(rows, 60))
    assert result.right >= 25


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="GRADTUTOR_CAMPAIGN=1")
def test_all_of_rubis_antiderivatives():
    result = check(rubi.entries())
    print(result.right, result.undecided, result.unsupported)
    assert result.right >= 1200
