"""A document as Markdown, as a page of HTML, and as PDF."""
