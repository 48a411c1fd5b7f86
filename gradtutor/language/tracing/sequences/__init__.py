"""Sequences of a text: recurrent layers, their cells and steps, first states."""
