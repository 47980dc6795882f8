"""What does the office report to those above and to the units?  The four parts of Art.41, for a month and for a year.

Numbers come from `petitions.figures` alone.  Nothing is ranked, no person appears; bodies stand in the order of the tree.
"""
