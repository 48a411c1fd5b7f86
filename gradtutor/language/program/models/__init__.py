"""Models as a program makes them, and how it trains them."""
