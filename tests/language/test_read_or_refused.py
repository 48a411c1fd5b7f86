"""Programs that are refused, with the place, where they would be read otherwise."""

import pytest
from places import TESTS

from gradtutor.language import parse_network
from gradtutor.language.errors import SourceError

REFUSED = [
    ("hh1", 12, "create_scale=False"), ("hh2", 6, "feature_group_count=4"),
    ("hh3", 6, "data_format='NCHW'"), ("e2", 6, "use_bias=True"),
    ("ee1", 10, "use_ceil=True"), ("ee3", 8, "inference=True"),
    ("by3", 10, "up the gradient"), ("by4", 13, "different rates"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "words"), REFUSED)
def test_what_is_not_read_is_refused(name, line, words):
    text = (TESTS / "inputs" / "refused" / f"{name}.py").read_text()
    with pytest.raises(SourceError, match=words) as found:
        parse_network(text)
    assert found.value.line == line
