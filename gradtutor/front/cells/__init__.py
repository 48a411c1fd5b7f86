"""What stands in a notebook's cell: widgets, curves, the magic."""
