"""Exercises as questions of a learning platform: Moodle's XML, QTI for Canvas."""
