"""The course's own sentences, in English and Chinese."""
