"""Bindings by the name of the library."""
