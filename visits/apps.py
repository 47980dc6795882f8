"""Django's entry to the visits app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Receptions (接访) and down-visits (下访) of leaders."""

    name = "visits"
    verbose_name = "领导接访下访"

    def ready(self) -> None:
        """Have the record sealed, and show what visits have to say on the pages of petitions."""
        from accounts import sealer
        from petitions import erasing, holds, panels
        from petitions.patterns import turns
        from visits import erasing as own
        from visits import ledgers, panel, sealed

        for source in sealed.SOURCES:
            sealer.register(source)
        panels.on_case(panel.of_case)
        panels.on_home(panel.of_home)
        panels.on_figures(panel.of_figures)
        panels.on_own_cases(panel.of_own_cases)
        panels.on_home(panel.of_telling)
        panels.on_home(panel.of_owed)
        panels.in_menu(panel.menu)
        ledgers.begin()
        panels.on_board(panel.of_board)
        turns.register("visit", panel.turn_of, panel.visit_address)
        holds.on_hold(own.hold)
        erasing.also(own.wipe)
