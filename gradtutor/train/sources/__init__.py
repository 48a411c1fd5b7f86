"""Where data come from: tables, arrays, folders of images, and the sets by name."""

from gradtutor.train.sources.finding import READERS, read_source

__all__ = ["READERS", "read_source"]
