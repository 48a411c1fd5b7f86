"""Data of a program: arrays, lists, numbers, sets of examples, and Python on them."""
