"""Real training: data sets, the script as a child process, progress and curve."""

from gradtutor.train.datasets import (
    DATASETS,
    DataSet,
    MissingPackageError,
    is_installed,
)
from gradtutor.train.launch import TrainingError, train_script
from gradtutor.train.own_files import DataError
from gradtutor.train.progress import Progress
from gradtutor.train.ranks import mpiexec_command
from gradtutor.train.reading import data_source, fetch, load
from gradtutor.train.report.curve import write_curve
from gradtutor.train.run_folder import ResumeError, RunFolder
from gradtutor.train.writing import write_text

__all__ = [
    "DATASETS",
    "DataError",
    "DataSet",
    "MissingPackageError",
    "Progress",
    "ResumeError",
    "RunFolder",
    "TrainingError",
    "data_source",
    "fetch",
    "is_installed",
    "load",
    "mpiexec_command",
    "train_script",
    "write_curve",
    "write_text",
]
