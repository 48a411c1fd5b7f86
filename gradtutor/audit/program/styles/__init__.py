"""The styles in which people write gradients; each ends in a plan of calls."""
