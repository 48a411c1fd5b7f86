"""Formulas with parameters as networks: what of them is data, what is known."""
