"""A person's file: its functions, what their arguments are, how they are called."""
