"""Functions of NumPy that gates' texts call, as scripts print them."""
