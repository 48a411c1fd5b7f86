"""Gradients as frameworks want them: PyTorch, JAX, autograd, TensorFlow, fast.ai."""
