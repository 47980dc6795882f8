"""The verbs of receptions and down-visits: the only writers of a plan, a booking, a party, an outcome, a duty."""
