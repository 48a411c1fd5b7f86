"""Index calculus: adjoints of tensor gates, derived and proven in index notation."""
