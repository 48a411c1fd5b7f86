"""Functions of all libraries: who is called, what it means, whether it fits."""
