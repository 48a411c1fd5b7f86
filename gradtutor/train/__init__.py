"""Real training: data sets, the script as a child process, progress and curve."""

from gradtutor.train.datasets import (
    DATASETS,
    DataSet,
    MissingPackageError,
    is_installed,
)
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.launch import TrainingError, train_script
from gradtutor.train.model import Data, DataError
from gradtutor.train.printing import script_data
from gradtutor.train.progress import Progress
from gradtutor.train.ranks import mpiexec_command
from gradtutor.train.reading import data_for, fetch, load
from gradtutor.train.report.curve import write_curve
from gradtutor.train.run_folder import ResumeError, RunFolder
from gradtutor.train.writing import write_text

__all__ = [
    "DATASETS",
    "Choices",
    "Data",
    "DataError",
    "DataSet",
    "MissingPackageError",
    "Progress",
    "ResumeError",
    "RunFolder",
    "TrainingError",
    "data_for",
    "fetch",
    "is_installed",
    "load",
    "mpiexec_command",
    "script_data",
    "train_script",
    "write_curve",
    "write_text",
]
