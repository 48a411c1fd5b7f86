"""Courses and lessons as files: folders of TOML and Markdown, read into lessons."""
