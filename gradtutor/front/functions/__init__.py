"""Functions of a person's notebook or module: their source, their circuit."""
