"""The command line of visits."""
