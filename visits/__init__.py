"""Leaders' receptions and down-visits, and what became of the matters they met."""
