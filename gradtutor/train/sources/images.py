"""A folder with a folder of images for each class."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from gradtutor.codegen.comments.made import comment
from gradtutor.language import SourceError, parse_network
from gradtutor.messages import tr
from gradtutor.train.datasets import MissingPackageError
from gradtutor.train.loaders.files import image_paths, read_images
from gradtutor.train.model import Call, DataError, Raw
from gradtutor.train.sources.tables import called


def read_folder(folder: Path, network: str) -> Raw:
    """Read images, in the size that the network takes, else in the first one's.

    Raises
    ------
    DataError
        When there are no images.
    MissingPackageError
        When pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise MissingPackageError(
            tr("{name} needs pillow: pip install pillow", name=folder.name)
        )
    paths = image_paths(folder)
    if not paths:
        raise DataError(
            tr(
                "{folder} has no images: one folder a class, images inside",
                folder=folder,
            )
        )
    size, mode = _first_image(paths[0])
    wanted, notes = _wanted(network), []
    greyed = len(wanted) == 3 and (wanted[0], mode) == (1, "RGB")
    if len(wanted) == 3:
        mode = {1: "L", 3: "RGB"}.get(wanted[0], mode)
    if len(wanted) == 3 and wanted[1:] != size:
        notes.append(
            tr(
                "images of {size}x{size2} are resized to {wanted}x{wanted2}",
                size=size[1],
                size2=size[0],
                wanted=wanted[2],
                wanted2=wanted[1],
            )
        )
        size = wanted[1], wanted[2]
    if greyed:
        notes.append(tr("images in colours are read as grey ones"))
    reader = Call(read_images, (size, mode))
    return Raw(
        title=comment("the images of {name}", name=folder.name),
        reader=reader,
        place=str(folder),
        table=called(folder, reader),
        notice="The images are your own.",
        package="pillow",
        notes=tuple(notes),
    )


def _first_image(path: Path) -> tuple[tuple[int, int], str]:
    from PIL import Image

    try:
        with Image.open(path) as image:
            grey = image.mode in ("1", "L", "I", "I;16", "F", "LA")
            return (image.height, image.width), "L" if grey else "RGB"
    except (OSError, ValueError) as error:
        raise DataError(
            tr(
                "{name} cannot be read as an image: {error}",
                name=path.name,
                error=error,
            )
        ) from None


def _wanted(network: str) -> tuple[int, ...]:
    """Return the sizes (C, H, W) that the network's text states, if it does."""
    try:
        shape = parse_network(network).nodes["X"]["shape"]
    except SourceError:
        return ()
    return tuple(int(size) for size in shape if size != "N")
