"""Django's name for the room."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The register's tables live under the label "register"."""

    name = "varde.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Register"
