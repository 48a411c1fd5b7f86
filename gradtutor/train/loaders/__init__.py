"""What reads a person's files, whose text is printed into the scripts that need it.

A file becomes a table: a dictionary of columns or arrays by name, one entry a row.
Under "" stands where each row is, for messages: ``line 3``, ``cats/1.png``.
"""
