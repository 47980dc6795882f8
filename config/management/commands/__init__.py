"""Commands about the whole office."""
