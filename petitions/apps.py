"""Django's entry to the petitions app."""

from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Matters, filings, assignments, proceedings, clocks, events, papers."""

    name = "petitions"
    verbose_name = "信访事项"
