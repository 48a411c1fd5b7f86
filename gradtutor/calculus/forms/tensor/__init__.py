"""The textbook's forms of gradients that are vectors and matrices."""
