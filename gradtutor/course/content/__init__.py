"""What a course is made of: its model, the values its TOML may have, its variants."""
