"""Images and signals: brought to one order, made larger, smaller or framed."""
