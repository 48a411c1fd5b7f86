"""Pages about one thing: a gate, a rule, a layer, a loss, an optimiser."""
