"""The first-run pages: from an empty database to an office that people sign in to."""
