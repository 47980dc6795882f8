"""How is an office kept safe?  Backups of its database, files and, if wished, keys; and how one is brought back."""
