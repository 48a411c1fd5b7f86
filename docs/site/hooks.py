"""Hooks of mkdocs: the files beside ``docs`` are pages of the site too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
#: Pages of the site that lie at the top of the repository.
PAGES = {
    "index.md": "README.md",
    "index.zh.md": "README.zh.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}
COG = re.compile(
    r"<!-- \[\[\[cog.*?\]\]\] -->\n?|<!-- \[\[\[end\]\]\] -->\n?", re.DOTALL
)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages at the top, with their links as the site has them."""
    for page, name in PAGES.items():
        text = (ROOT / name).read_text("utf-8")
        files.append(File.generated(config, page, content=_linked(text)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take out what makes the documents, and follow links out of ``docs``."""
    return _linked(COG.sub("", markdown))


def _linked(text: str) -> str:
    places = {name: page for page, name in PAGES.items()}
    text = re.sub(r"\]\((?:\.\./)?docs/", "](", text)
    return re.sub(
        r"\]\((?:\.\./)*(README(?:\.zh)?\.md|CONTRIBUTING\.md|CHANGELOG\.md)",
        lambda match: f"]({places[match[1]]}",
        text,
    )
