"""Find what a --data argument means: a name, a file, two files, a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import wrap

from gradtutor.codegen.comments.made import comment
from gradtutor.messages import tr
from gradtutor.train.datasets import find_dataset
from gradtutor.train.datasets.catalog import DataSet
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.model import Call, DataError, Raw
from gradtutor.train.sources.archives import read_archive, read_array, read_pair
from gradtutor.train.sources.eeg import is_eeg_pair, read_eeg_pair
from gradtutor.train.sources.images import read_folder
from gradtutor.train.sources.tables import read_parquet_table, read_table
from gradtutor.train.sources.texts import is_text, read_text_rows

#: What reads a file, by its suffix.
READERS: dict[str, Callable[[Path, Choices], Raw]] = {
    ".npz": read_archive,
    ".npy": lambda path, _: read_array(path),
    ".parquet": lambda path, _: read_parquet_table(path),
    **dict.fromkeys(
        (".csv", ".tsv", ".txt", ".data"), lambda path, _: read_table(path)
    ),
}

#: What pandas reads other files by, by their names' ends.
READ_BY = {
    ".xlsx": 'read_excel("{}")',
    ".xls": 'read_excel("{}")',
    ".jsonl": 'read_json("{}", lines=True)',
    ".json": 'read_json("{}")',
    ".csv.gz": 'read_csv("{}")',
    ".csv.zip": 'read_csv("{}")',
    ".feather": 'read_feather("{}")',
    ".dta": 'read_stata("{}")',
}


def read_source(name: str, network: str, choices: Choices) -> Raw:
    """Read a data set by name, or a person's file, files or folder.

    Raises
    ------
    DataError, MissingPackageError
        When there is none, or it cannot be read.
    """
    path = Path(name).absolute()
    suffix = path.suffix.lower()
    if "," in name and not path.exists():
        return _read_two(name)
    if is_text(name, choices):
        return read_text_rows(name, choices)
    if path.is_dir():
        return read_folder(path, network)
    if suffix in READERS:
        return READERS[suffix](path, choices)
    if path.is_file():
        raise _unknown(path)
    return _shipped(find_dataset(name))


def _unknown(path: Path) -> DataError:
    """Return the error for another kind of file, with how pandas turns it into one."""
    said = tr(
        "{name}: a data file ends with {readers}: save it as one",
        name=path.name,
        readers=", ".join(READERS),
    )
    reader = next((READ_BY[end] for end in READ_BY if path.name.endswith(end)), "")
    if not reader:
        return DataError(said)
    stem = path.name.partition(".")[0]
    call = f'pandas.{reader.format(path.name)}.to_csv("{stem}.csv", index=False)'
    return DataError(tr("{said}, in Python by {call}", said=said, call=call))


def _read_two(name: str) -> Raw:
    paths = [Path(part.strip()).absolute() for part in name.split(",")]
    if len(paths) != 2 or any(path.suffix.lower() != ".npy" for path in paths):
        raise DataError(
            tr(
                "two files with a comma between are X.npy,y.npy or, of "
                "EEGdenoiseNet, EEG_all_epochs.npy,EOG_all_epochs.npy"
            )
        )
    if is_eeg_pair(*paths):
        return read_eeg_pair(*paths)
    return read_pair(*paths)


def _shipped(dataset: DataSet) -> Raw:
    try:
        X, y = dataset.load()
    except SystemExit as error:  # a loader's word to a script: here it is an error
        raise DataError(str(error)) from None
    return Raw(
        title={"mnist": "MNIST"}.get(dataset.name, dataset.title)
        or comment("the {name} data", name=dataset.name),
        reader=Call(dataset.load),
        place="",
        table={"X": X, "y": y},
        notice="\n".join(wrap(comment("Data: {licence}", licence=dataset.licence), 80)),
        package=dataset.package,
        held_out=0.2 if dataset.held_out else 0.0,
        pair=True,
        functions=dataset.functions,
    )
