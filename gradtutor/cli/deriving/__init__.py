"""diff: derivatives, their steps, matrices and functions."""
