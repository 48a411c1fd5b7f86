"""Composites: gates that open into a sub-graph of other gates."""
