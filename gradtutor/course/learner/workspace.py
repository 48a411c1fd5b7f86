"""The learner's files of a lesson; nothing of theirs is ever overwritten."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from gradtutor.course.content.model import Lesson
from gradtutor.course.figures.lesson_drawing import picture_svg
from gradtutor.course.shown.asking import Shown
from gradtutor.render import write_bytes

FOLDER = "gradtutor-lessons"


@dataclass
class Written:
    """What was done with a lesson's files.

    Attributes
    ----------
    files, pictures : list of Path
        Written anew.
    kept : list of Path
        The learner's own, left as they are.
    backups : list of tuple
        A file and where its content is kept.
    """

    files: list[Path] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    backups: list[tuple[Path, Path]] = field(default_factory=list)


def code_files(lesson: Lesson) -> list[str]:
    """Return the names of the files that a lesson's code questions ask for."""
    names = [one.fields["file"] for one in lesson.questions if one.kind == "code"]
    return list(dict.fromkeys(names))


def write_files(shown: Shown, folder: Path) -> Written:
    """Write starters that are not there yet, and this variant's pictures.

    Raises
    ------
    OSError
        When the folder or a file cannot be written.
    """
    done = Written()
    lesson = shown.lesson
    if code_files(lesson) or lesson.pictures:
        folder.mkdir(parents=True, exist_ok=True)
    for name in code_files(lesson):
        path = folder / name
        if path.exists():
            done.kept.append(path)
        else:
            write_bytes(path, (lesson.folder / "starter" / name).read_bytes())
            done.files.append(path)
    for picture in lesson.pictures:
        path = folder / f"{picture.name}.svg"
        write_bytes(path, picture_svg(shown.picture(picture.name)))
        done.pictures.append(path)
    return done


def restore_starters(lesson: Lesson, folder: Path) -> Written:
    """Write the starters anew; a file that the learner changed is kept as .bak."""
    done = Written()
    for name in code_files(lesson):
        path = folder / name
        starter = (lesson.folder / "starter" / name).read_bytes()
        if not path.exists() or path.read_bytes() == starter:
            continue
        backup = free_backup(path)
        shutil.copy2(path, backup)
        write_bytes(path, starter)
        done.backups.append((path, backup))
        done.files.append(path)
    return done


def free_backup(path: Path) -> Path:
    """Return the first of name.bak, name.bak2, ... that is not there."""
    for n in itertools.count(1):
        backup = path.with_name(f"{path.name}.bak{n if n > 1 else ''}")
        if not backup.exists():
            break
    return backup
