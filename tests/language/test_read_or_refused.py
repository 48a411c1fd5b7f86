"""Programs that are refused, with the place, where they would be read otherwise."""

import pytest
from places import TESTS

from gradtutor.language import parse_network
from gradtutor.language.errors import SourceError

REFUSED = [
    ("l1", 10, "may change h"), ("n7", 10, "may change h"), ("d1", 8, "may change h"),
    ("l2", 11, "both compare"), ("l5", 7, "this index"), ("n8", 7, "none that is read"),
    ("a1", 9, "none that is read"), ("n13", 9, "none that is read"),
    ("n9", 19, "part of something"), ("n10", 9, "part of something"),
    ("n12", 7, "may each be"), ("n4", 11, "self.std is a weight"),
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


@pytest.mark.parametrize(
    ("name", "loss", "note"),
    [("n5", "l1_loss", ""), ("n14", "mse_loss", ""), ("l3", "mse_loss", "a constant"),
     ("d2", "mse_loss", "an error and no loss"), ("n11", "cross_entropy", "forward")],
)  # fmt: skip
def test_a_loss_is_read_as_written_or_the_text_is_told(name, loss, note):
    text = (TESTS / "inputs" / "refused" / f"{name}.py").read_text()
    network = parse_network(text).graph["network"]
    assert network["loss"] == loss
    assert note in " ".join(map(str, network["notes"]))
