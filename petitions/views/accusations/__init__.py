"""The pages of sealed reports: for who is on the list; for everybody else they are not there."""
