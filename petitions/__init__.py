"""What: the matter (信访事项), from the desk to the archive."""
