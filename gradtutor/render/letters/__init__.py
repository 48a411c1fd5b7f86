"""Chinese letters in pictures, on a machine without any font."""
