"""How are values shown? Filters and tags for templates."""
