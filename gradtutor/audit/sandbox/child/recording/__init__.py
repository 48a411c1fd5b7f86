"""What is recorded while a person's functions run: values, slopes, lines."""
