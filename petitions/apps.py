"""Django's entry to the petitions app."""

from django.apps import AppConfig


class PetitionsConfig(AppConfig):
    """Matters, filings, assignments, proceedings, clocks, events, papers."""

    name = "petitions"
    verbose_name = "信访事项"

    def ready(self) -> None:
        """Have the record sealed with the access log, and what is urgent shown first."""
        from accounts import sealer
        from petitions import acts, erasing, exports, panels, sealed
        from petitions.views.home import urgent_panel

        acts.begin()
        for source in sealed.SOURCES:
            sealer.register(source)
        panels.on_home(urgent_panel)
        erasing.also(exports.forget)
