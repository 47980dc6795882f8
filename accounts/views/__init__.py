"""The addresses of accounts: signing in and out, posts, passwords."""
