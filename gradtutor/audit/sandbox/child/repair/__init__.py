"""One-line repairs of a person's backward: tried by running them."""
