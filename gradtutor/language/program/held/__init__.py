"""What a program's model holds: layers and arrays, where they stand, what is kept."""
