"""The rules: each supposes a mistake at every step of the forward run."""
