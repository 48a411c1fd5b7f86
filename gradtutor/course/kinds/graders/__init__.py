"""How each kind of answer is compared with the right one, and its known mistakes."""
