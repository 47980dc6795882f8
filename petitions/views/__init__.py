"""What does each address answer?  One module a room."""
