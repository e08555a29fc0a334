"""Django's name for the room."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """The vault's table lives under the label "identity"."""

    name = "varde.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Identity vault"
