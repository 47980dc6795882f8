"""Commands about people and the first run."""
