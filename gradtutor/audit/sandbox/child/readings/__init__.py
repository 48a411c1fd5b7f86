"""Shapes that a person's functions can be called with, found by trying."""
