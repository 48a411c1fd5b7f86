"""Layers as a program makes them: their arguments, and those made in their own way."""
