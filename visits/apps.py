"""Django's entry to the visits app."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """Receptions (接访) and down-visits (下访) of leaders."""

    name = "visits"
    verbose_name = "领导接访下访"
