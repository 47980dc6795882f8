"""Units and people from a spreadsheet: the template that is offered, what is wrong with a filled one, and taking it over."""
