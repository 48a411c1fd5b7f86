"""What a training leaves to look at: curve, pictures, measures, other formats."""
