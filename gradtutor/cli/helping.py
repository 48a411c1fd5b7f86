"""Help, and click's own words, in the language that is spoken.

A command's docstring and an option's ``help`` are the keys of the catalogue; click's
words are gettext's, in ``messages/zh/LC_MESSAGES``.
"""

from __future__ import annotations

import gettext
import inspect
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from typing import Any

import click

from gradtutor.messages import chosen, language, tr
from gradtutor.messages.cells import cells, wrapped

#: Columns of a command's paragraph, and of an option's help behind its name.
PAGE, OPTION = 76, 46
#: What tells click to leave the lines of a paragraph as they are.
AS_IT_IS = "\b\n"


@contextmanager
def helping(command: click.Command) -> Iterator[None]:
    """Let help, and the child processes, speak the language that is spoken.

    Parameters
    ----------
    command : click.Command
        The root command; its help, its options' and its subcommands' are in Chinese
        inside, where Chinese is spoken. English is as it is written.
    """
    with ExitStack() as stack:
        known = chosen(None, os.environ)  # a lesson's own choice comes before that
        for name in ("LANGUAGE", *["GRADTUTOR_LANG"] * (language() != known)):
            stack.callback(_restore, name, os.environ.get(name))
            os.environ[name] = language()
        if language() != "en":
            gettext.bindtextdomain("messages", str(files("gradtutor.messages")))
            for owner, name, text in list(_translations(command)):
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, text)
        yield


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _translations(command: click.Command) -> Iterator[tuple[Any, str, Any]]:
    """Yield what is changed: an object, the name of its attribute, its new text."""
    paragraphs = [tr(one) for one in help_sentences(command)]
    shown = [AS_IT_IS + "\n".join(wrapped(one, PAGE)) for one in paragraphs]
    yield command, "help", "\n\n".join(shown)
    yield command, "short_help", paragraphs[0].partition("。")[0] if paragraphs else ""
    if hasattr(command, "_help_option"):  # click keeps it in the language of its making
        yield command, "_help_option", None
    for param in command.params:
        if isinstance(param, click.Option) and param.help:
            lines = wrapped(tr(param.help), OPTION)
            own_line = cells(lines[-1] + _added(command, param)) > OPTION
            yield param, "help", AS_IT_IS + "\n".join([*lines, *[""] * own_line])
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from _translations(one)


def _added(command: click.Command, option: click.Option) -> str:
    """Return what click writes behind an option's help: its default, its range."""
    added = option.get_help_extra(click.Context(command))
    named = [
        f"默认：{one}" if name == "default" else one for name, one in added.items()
    ]
    return f"  [{'; '.join(map(str, named))}]" if added else ""


def help_sentences(command: click.Command) -> list[str]:
    """Return the paragraphs of a command's help, each on one line."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return [" ".join(one.split()) for one in paragraphs if one.strip()]
