"""The loss of a network: its target, weights of classes, penalties."""
