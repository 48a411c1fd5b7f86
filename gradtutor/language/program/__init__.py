"""Programs of Keras, PyTorch and scikit-learn, read and never run."""
