"""Django's entry to the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, posts, departments, regions, sign-in, access log."""

    name = "accounts"
    verbose_name = "机构与人员"

    def ready(self) -> None:
        """Have each session know when it began."""
        from django.contrib.auth.signals import user_logged_in

        from accounts.middleware import begin

        user_logged_in.connect(lambda request, **_: begin(request), weak=False, dispatch_uid="session-began")
