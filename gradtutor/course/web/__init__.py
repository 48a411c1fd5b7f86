"""Lessons in the browser: the same texts, questions and verdicts, as pages."""
