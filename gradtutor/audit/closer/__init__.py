"""A closer look at what is wrong: other readings, finer names, lines in place."""
