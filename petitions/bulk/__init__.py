"""How is a database filled with a million invented matters?  By COPY, past the verbs, for measuring only.

The rows are what the verbs would have written: the same states, clocks, Reach, chained events, sealed words.  Papers and
notices are left out.  `manage.py generate` is the way in; `verify_record` passes over what it makes.
"""
