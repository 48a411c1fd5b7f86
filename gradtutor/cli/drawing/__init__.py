"""render: the circuit, its picture, its page."""
