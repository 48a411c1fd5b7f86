"""The documents as a site: it is built strictly, and every link leads somewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from places import ROOT


class Links(HTMLParser):
    """Collects what a page points at, and the places that can be pointed at."""

    def __init__(self):
        super().__init__()
        self.targets, self.places = [], set()

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.targets += [known[name] for name in ("href", "src") if known.get(name)]
        self.places |= {known[name] for name in ("id", "name") if known.get(name)}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", folder]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def read(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text("utf-8"))
    return links


def test_every_link_of_the_site_leads_somewhere(site):
    pages = {
        path: read(path) for path in site.rglob("*.html") if path.name != "404.html"
    }
    assert len(pages) > 20
    dead = []
    for path, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or target.startswith(("#__", "data:")):
                continue
            place = (
                (path.parent / unquote(parts.path)).resolve() if parts.path else path
            )
            place = place / "index.html" if place.is_dir() else place
            known = pages[place].places if place in pages else None
            if not place.exists() or (
                known is not None and parts.fragment and parts.fragment not in known
            ):
                dead.append((str(path.relative_to(site)), target))
    assert dead == []


def test_the_site_has_the_gallery_the_reference_and_chinese(site):
    texts = {
        name: (site / name / "index.html").read_text("utf-8")
        for name in ("gallery", "python", "index.zh", "notebooks/circuits")
    }
    assert texts["gallery"].count("<img") >= 25
    names = ("circuit", "Circuit", "hessian", "Network", "train", "audit", "Frames")
    for name in names:
        assert f">{name}<" in texts["python"], name
    assert "计算图" in texts["index.zh"] and "Out[" in texts["notebooks/circuits"]
