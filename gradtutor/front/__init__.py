"""What ``import gradtutor as gt`` offers: each command of the program as a function.

Nothing heavy is imported until it is used, and nothing of a notebook's is needed.
"""
