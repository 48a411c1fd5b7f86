"""The chain rule in symbols: products of slopes, derivatives of linear maps."""
