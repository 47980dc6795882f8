"""Pages of figures: each person's own, the list behind a number, the explanation."""
