"""Run a person's code in a child process with limits, and measure it there."""
