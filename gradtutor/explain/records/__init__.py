"""The records of a derivation: who sends what to whom, by which rule."""
