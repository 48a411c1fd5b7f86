"""What comes after a training: a network as ONNX, and as C."""
