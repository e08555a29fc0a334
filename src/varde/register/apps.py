"""Django's name for the room."""

from django.apps import AppConfig

from varde.register.drivers import teach_sqlite


class RegisterConfig(AppConfig):
    """The register's tables live under the label "register"."""

    name = "varde.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Register"

    def ready(self) -> None:
        """Before anything is written."""
        teach_sqlite()
