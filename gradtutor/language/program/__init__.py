"""Programs of Keras, PyTorch and scikit-learn, read by an interpreter that runs nothing."""
