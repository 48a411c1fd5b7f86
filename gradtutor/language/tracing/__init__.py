"""What a model does with its tensors, as gates: each operation of a library, traced."""
