"""Where does one problem grow beyond its own past?  Counted by category, place, body and project, and by near texts.

Nobody is counted: what is read of a matter is what it is about, where, whose, and when; of who brought it, nothing
(tests/petitions/test_patterns.py reads every statement of a night).  What was noticed is a row with its cases, raised once;
people look at it, set it aside with a reason, or turn it into a suggestion (Art.40) or a visit (Art.18).
"""
