"""Steps of training, in functions and outside: they become functions."""
