"""The engine's own sentences, in English and Chinese."""

#: The languages of the course, in the order of every pair of texts.
LANGUAGES = ("en", "zh")
