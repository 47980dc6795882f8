"""The demo county: invented people and matters in 浦江县, made by the same verbs that an office uses."""
