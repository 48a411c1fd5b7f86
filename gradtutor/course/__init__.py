"""Lessons: content as data, answers checked by mathematics, progress as a log."""
