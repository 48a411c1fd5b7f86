"""What a learner sees: texts, pictures and plots, on a terminal or as SVG."""
