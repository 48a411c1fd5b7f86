"""A page that trains in a headless Chromium: its controls used, its numbers read."""

import json
from functools import cache

import pytest
from browser import resize
from click.testing import CliRunner

from gradtutor.cli import main


def command(*arguments):
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """Write a page that trains; an equal one is written once."""

    @cache
    def write(source, *options):
        folder = tmp_path_factory.mktemp("training")
        if "\n" in source:
            (folder / "own.net").write_text(source)
            source = str(folder / "own.net")
        path = folder / "page.html"
        command("render", source, "--train", "-o", str(path), *options)
        assert path.stat().st_size < 1_000_000
        return path

    return write


@pytest.fixture
def page(driver, written, tmp_path):
    """Open a page that trains; no error is on its console at the end."""

    def open_(source, *options, width=1280):
        if "\n" in source:
            (tmp_path / "own.net").write_text(source)
        path = written(source, *options)
        resize(driver, width)
        driver.get(path.as_uri())
        return driver

    yield open_
    assert driver.get_log("browser") == []


def weights(driver):
    """Return what the page shows of its weights, all digits."""
    text = """const one = document.getElementById('numbers');
    one.open = false; one.open = true; one.dispatchEvent(new Event('toggle'));
    return document.getElementById('json').textContent;"""
    return json.loads(driver.execute_script(text))


def click(driver, name, times=1):
    script = """for (let i = 0; i < arguments[1]; i++)
      document.getElementById(arguments[0]).click();"""
    driver.execute_script(script, name, times)


def put(driver, name, value):
    script = """const field = document.getElementById(arguments[0]);
    field[field.type === 'checkbox' ? 'checked' : 'value'] = arguments[1];
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind));"""
    driver.execute_script(script, name, value)


def train(driver, updates):
    """Play as fast as it can until so many updates more are made, or it stops."""
    script = """const [updates, done] = arguments;
    const at = () => Number(document.getElementById('update-count').textContent);
    const play = document.getElementById('play'), end = at() + updates;
    document.getElementById('speed').value = '0';
    play.click();
    const look = () => {
      const on = play.getAttribute('aria-pressed') === 'true';
      if (on && at() < end) return void setTimeout(look, 20);
      if (on) play.click();
      done();
    };
    look();"""
    driver.execute_async_script(script, updates)


def shown(driver, name):
    return driver.find_element("id", name).text


def data_of(driver):
    text = "return document.getElementById('data').textContent"
    return json.loads(driver.execute_script(text))


def choose(driver, lesson):
    """Take a lesson of the page; "" is the page's own network."""
    put(driver, "lesson", lesson)


def shown_text(driver, name):
    """Return an element's text, seen or not."""
    return driver.find_element("id", name).get_property("textContent")
