"""One scheduler of loops for every target: which operations a loop makes together."""
