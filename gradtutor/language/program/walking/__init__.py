"""The walk through a program: expressions, statements, calls, methods."""
