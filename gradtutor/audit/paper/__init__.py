"""A derivation on paper: read, checked line by line, proved, explained."""
