"""A course as files: folders of TOML and Markdown, read into lessons and questions."""
