"""The sentences that the code marks for translation; run it to see what lacks Chinese.

``python tests/sentences.py [ROOM]`` prints each as a line for the catalogue.
"""

import ast
import json
import re
import string
import sys
from dataclasses import dataclass

from places import ROOT

PACKAGE = ROOT / "gradtutor"


@dataclass(frozen=True)
class Sentence:
    """A call of `tr` or `mark`: its text, and the blanks it fills (None: later)."""

    key: str
    room: str
    place: str
    filled: frozenset[str] | None


def blanks(text):
    """Return the names of a text's blanks."""
    return {
        name for _, name, _, _ in string.Formatter().parse(text) if name is not None
    }


def sentences():
    """Yield every sentence of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        room = inside.parts[0].removesuffix(".py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "id", "")
            text = call.args[0]
            if name not in ("tr", "mark", "Said") or not isinstance(text, ast.Constant):
                continue
            words = frozenset(str(word.arg) for word in call.keywords)
            later = name == "mark" or "None" in words
            place = f"{inside}:{call.lineno}"
            yield Sentence(text.value, room, place, None if later else words)


#: Two words of English, one behind the other.
WORDS = re.compile(r"(?<!gradtutor )\b(?!gradtutor\b)[A-Za-z]{2,}[ ,;:]+[a-z]{2,}")
#: Calls that tell a person something: the first argument, and these by their names.
TOLD = {"fail", "misfit", "unknown", "say", "Failed", "UsageError", "BadParameter"}
NAMED = {"hint", "reason", "note"}
#: Rooms whose errors are ours, or a child process's.
OURS = (
    "codegen/ir",
    "codegen/gpu/printed",
    "audit/sandbox/child",
    "equality",
    "calculus",
)
INSIDE = ("ValueError", "TypeError", "RuntimeError", "AttributeError")


def untranslated():
    """Yield the places where a person is told a text that the catalogue lacks."""
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE).as_posix()
        if inside.startswith(OURS):
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and any(map(_english, _told(call))):
                yield f"{inside}:{call.lineno}"


def _told(call):
    """Return the arguments of a call that a person reads."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    own = name.endswith("Error") and name not in INSIDE
    first = call.args[:1] if name in TOLD or own else []
    both = [b for a in first for b in (getattr(a, "body", a), getattr(a, "orelse", a))]
    return [*both, *(word.value for word in call.keywords if word.arg in NAMED)]


def _english(node):
    """Whether a literal holds English words, blanks aside."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [getattr(one, "value", "") for one in parts]
    return bool(WORDS.search("X".join(t for t in texts if isinstance(t, str))))


def help_texts(command=None):
    """Return what --help says of a command and of those below it, as its keys."""
    from gradtutor.cli import main
    from gradtutor.cli.helping import help_sentences

    command = command or main
    texts = help_sentences(command)
    texts += [one.help for one in command.params if getattr(one, "help", None)]
    for below in getattr(command, "commands", {}).values():
        texts += help_texts(below)
    return texts


def roles():
    """Return what each gate does to the gradient, as its keys."""
    from gradtutor.gates import GATES

    return [gate.role for gate in GATES.values()]


def tables():
    """Return the sentences of the tables of topics and of data sets, as keys."""
    from gradtutor.explain.pages.topic_index import topic_sentences
    from gradtutor.train.datasets.catalog import DATASETS

    about = [(one.description, one.licence) for one in DATASETS.values()]
    return [*topic_sentences(), *(text for both in about for text in both)]


def main(*wanted):
    """Print the sentences without Chinese as lines of their room's file."""
    from gradtutor.messages.catalogue import catalogue

    known = set(catalogue())
    for one in sentences():
        if one.key not in known and (not wanted or one.room in wanted):
            known.add(one.key)
            print(f'{json.dumps(one.key, ensure_ascii=False)} = ""  # {one.place}')
    for text in dict.fromkeys(roles()):
        if text not in known and (not wanted or "gates" in wanted):
            print(f'{json.dumps(text, ensure_ascii=False)} = ""  # a gate\'s role')
    for text in dict.fromkeys(tables()):
        if text not in known and (not wanted or "tables" in wanted):
            print(f'{json.dumps(text, ensure_ascii=False)} = ""  # tables')
    for text in dict.fromkeys(help_texts()):
        if text not in known and (not wanted or "help" in wanted):
            print(f'{json.dumps(text, ensure_ascii=False)} = ""  # --help')


if __name__ == "__main__":
    main(*sys.argv[1:])
