"""What a circuit can be asked, in Python: numbers, symbols, matrices, pictures, steps.

Each answer is a typed object that shows itself in a notebook's cell.
"""
