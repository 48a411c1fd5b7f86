"""Data sets that come inside a package or are made here, by name."""

from gradtutor.train.datasets.catalog import (
    DATASETS,
    INSTALL,
    DataSet,
    MissingPackageError,
    find_dataset,
    is_installed,
)

__all__ = [
    "DATASETS",
    "INSTALL",
    "DataSet",
    "MissingPackageError",
    "find_dataset",
    "is_installed",
]
