"""The pictures of lessons: what they show as numbers, in characters and as SVG."""
