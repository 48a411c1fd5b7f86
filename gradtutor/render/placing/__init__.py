"""How a drawing is laid out so that it can be read: rows, wires beside arrow heads."""
