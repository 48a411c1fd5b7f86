"""Frames as slides and films: .pptx, .pdf with a page a step, .mp4, .gif."""
