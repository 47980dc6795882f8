"""What may be typed, and how is it cleaned?  Forms check the typing, verbs check the law."""
