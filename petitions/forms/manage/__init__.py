"""What do administrators type?  One module a room."""
