"""The engine's own sentences, in English and Chinese."""
