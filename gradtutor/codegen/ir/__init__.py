"""The typed step between a graph and its text: operations, operands, memory."""
