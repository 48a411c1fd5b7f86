"""The page that trains: a network, its data and its optimisers in one HTML file."""
