"""Text printed from gates and graphs: NumPy, JavaScript, statements, broken lines."""
