"""Files as tables: each function returns columns or arrays by name, one entry a row."""

# ruff: noqa: ANN001, ANN002, ANN201 (their text is printed into scripts, without annotations)

import csv
import importlib
from pathlib import Path

import numpy as np


def read_csv(path, delimiter=",", header=True, encoding="utf-8-sig", skip=0):
    """Return the columns of a table as text; under "" stands each row's line.

    The first lines that are skipped are a title or comments.
    """
    lines, places, known = [], [], {}
    with Path(path).open(newline="", encoding=encoding) as file:
        blanks = delimiter == " "  # any number of them
        text = (line.strip("# \n") for line in file) if blanks else file
        reader = csv.reader(text, delimiter=delimiter, skipinitialspace=blanks)
        for cells in reader:
            if any(cells) and reader.line_num > skip:  # no blank line
                lines.append([known.setdefault(cell, cell) for cell in cells])
                places.append(f"line {reader.line_num}")
    width = len(lines[-1]) if lines else 0
    names = [f"column {i + 1}" for i in range(width)]
    if header and lines:
        names, places = unlike([name.strip("# ") for name in lines.pop(0)]), places[1:]
    if len(names) == width - 1:  # as R writes: the names of rows have no name
        names = ["Unnamed: 0", *names]
    for cells, where in zip(lines, places, strict=True):
        if len(cells) != len(names):
            raise SystemExit(
                f"{path}: {where} has {len(cells)} columns, the first has {len(names)}"
            )
    columns = zip(*lines, strict=True) if lines else ((),) * len(names)
    table = {n: np.array(c, dtype=object) for n, c in zip(names, columns, strict=True)}
    return table | {"": places}


def read_marked_csv(path, marks, *settings):
    """Return the columns of a table without marks: {"price": "$,"} in its numbers."""
    return without_marks(read_csv(path, *settings), marks)


def without_marks(table, marks):
    """Return a table with the columns that have marks without them."""
    table = dict(table)
    for name in marks.keys() & table.keys():
        without = str.maketrans("", "", marks[name])
        cells = [str(cell).translate(without) for cell in table[name]]
        table[name] = np.array(cells, dtype=object)
    return table


def unlike(names):
    """Return names of columns, as pandas makes them: "a.1" after "a", none empty."""
    names = [name or f"Unnamed: {i}" for i, name in enumerate(names)]
    before = [names[:i].count(name) for i, name in enumerate(names)]
    return [f"{n}.{k}" if k else n for n, k in zip(names, before, strict=True)]


def read_npz(path, arrays):
    """Return arrays of an .npz file: {"X": ["X_train", "X_test"]} puts two together."""
    with np.load(path, allow_pickle=False) as file:
        for name in (name for names in arrays.values() for name in names):
            if name not in file:
                raise SystemExit(f"{path} has no array {name}: {', '.join(file.files)}")
        return {
            key: np.concatenate([np.atleast_1d(file[name]) for name in names])
            for key, names in arrays.items()
        }


def read_npy(path):
    """Return the array of an .npy file."""
    array = np.load(path, allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise SystemExit(f"{path} is no .npy file")
    return array


def read_new(path, names):
    """Return X of new examples: of an .npy file, or of an .npz file's array."""
    content = np.load(path, allow_pickle=False)
    if isinstance(content, np.ndarray):
        return {"X": content}
    found = [name for name in names if name in content.files]
    if not found:
        raise SystemExit(f"{path} has no array {names[0]}: {', '.join(content.files)}")
    return {"X": content[found[0]]}


def read_npy_columns(path):
    """Return the columns of a table in an .npy file."""
    array = read_npy(path)
    return {f"column {i + 1}": array[:, i] for i in range(array.shape[1])}


def read_npy_pair(x_path, y_path):
    """Return X and y of two .npy files."""
    return {"X": read_npy(x_path), "y": read_npy(y_path)}


def read_parquet(path):
    """Return the columns of a Parquet file."""
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise SystemExit(f"{path} needs pyarrow: pip install pyarrow") from None
    found = parquet.read_table(path)
    columns = zip(found.column_names, found.columns, strict=True)
    return {name: column.to_numpy() for name, column in columns}


def read_images(folder, size, mode):
    """Return images of one size, (N, H, W) or (N, H, W, 3), and their folders' names.

    Parameters
    ----------
    folder : str or Path
        Has a folder for each class, with the images in it.
    size : tuple of int
        Height and width; an image of another size is resized.
    mode : str
        ``L`` for grey, ``RGB`` for colours.
    """
    try:
        image = importlib.import_module("PIL.Image")
    except ImportError:
        raise SystemExit(f"{folder} needs pillow: pip install pillow") from None
    paths = image_paths(folder)
    images = np.empty((len(paths), *size, *(3,) * (mode == "RGB")), np.uint8)
    for i, path in enumerate(paths):
        try:
            with image.open(path) as picture:
                images[i] = picture.convert(mode).resize(size[::-1])
        except (OSError, ValueError) as error:
            raise SystemExit(f"{path} cannot be read as an image: {error}") from None
    labels = np.array([path.parent.name for path in paths])
    places = [f"{path.parent.name}/{path.name}" for path in paths]
    return {"X": images, "y": labels, "": places}


def image_paths(folder):
    """Return the images in a folder's folders, or in itself, in their names' order."""
    kinds = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
    inside = [*Path(folder).glob("*/*"), *Path(folder).glob("*")]
    return sorted(path for path in inside if path.suffix.lower() in kinds)
