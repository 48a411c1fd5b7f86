"""Classes with a forward and a backward method."""
