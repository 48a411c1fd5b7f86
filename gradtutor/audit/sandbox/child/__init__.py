"""What runs beside a person's code, in the child process: numpy and no more."""
