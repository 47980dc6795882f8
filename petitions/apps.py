"""Django's entry to the petitions app."""

from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Matters, filings, assignments, proceedings, clocks, events, papers."""

    name = "petitions"
    verbose_name = "信访事项"

    def ready(self) -> None:
        """Have the record sealed with the access log."""
        from accounts import sealer
        from petitions import sealed

        for source in sealed.SOURCES:
            sealer.register(source)
