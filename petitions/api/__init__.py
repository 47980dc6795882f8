"""How do other systems read and act?  JSON in front of the same scope, forms and verbs as the pages."""
