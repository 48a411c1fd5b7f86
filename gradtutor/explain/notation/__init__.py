"""Notations: the language's own, a terminal's, Markdown, LaTeX."""
