"""A step for one processor: NumPy calls with ``out=``, and compiled loops."""
