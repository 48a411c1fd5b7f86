"""How many characters a text has, for a program that counts them in its own file."""

from __future__ import annotations

from pathlib import Path

from gradtutor.graph import network_of
from gradtutor.language import SourceError, is_network, parse_network
from gradtutor.train.datasets.catalog import TEXTS
from gradtutor.train.loaders.texts import text_of

#: What is taken for a table's rows where the text leaves them open.
OPEN = 1000


def with_vocabulary(network: str, name: str) -> str:
    """Return a program with the size of its table of characters, from the data.

    ``vocab_size = len(chars)`` is known only when the program reads its file; a comment
    at the end says what it is with this text.

    Parameters
    ----------
    network : str
        The program's text.
    name : str
        The data: a .txt file, or a text that comes along.
    """
    shipped = TEXTS.get(name)
    if not (shipped or Path(name).suffix.lower() == ".txt") or not is_network(network):
        return network
    try:
        guesses = network_of(parse_network(network)).get("guesses", {})
        text = text_of(shipped.place if shipped else str(Path(name).absolute()))
    except (SourceError, OSError):
        return network  # said where the network, or the data, is read
    count = len(set(text.strip() + "\n") - {"\r"})
    lines = [f"# sizes: {word} = {count}" for word, size in guesses.items()
             if size == OPEN]  # fmt: skip
    if not lines:
        return network
    body, found, last = network.rstrip().rpartition("\n# model: ")
    model = f"# model: {last}" if found and "\n" not in last else ""
    return (
        "\n".join([body if model else network.rstrip(), *lines, model]).rstrip() + "\n"
    )
