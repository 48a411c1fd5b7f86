"""The Chinese of every sentence, read from a file a room when it is first needed."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


def translation(sentence: str, language: str) -> str:
    """Return a sentence in a language; one that the catalogue lacks stays English."""
    return sentence if language == "en" else catalogue().get(sentence, sentence)


@cache
def catalogue() -> dict[str, str]:
    """Return every sentence with its Chinese: 2,500 of them take 15 ms to read."""
    return {
        sentence: chinese
        for room in rooms().values()
        for sentence, chinese in room.items()
    }


def rooms() -> dict[str, dict[str, str]]:
    """Return the sentences with their Chinese, by the name of their file."""
    folder = files("gradtutor.messages") / "zh"
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }
