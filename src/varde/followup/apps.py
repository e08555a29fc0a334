"""Django's name for the room."""

from django.apps import AppConfig


class FollowupConfig(AppConfig):
    """The room's tables live under the label "followup"."""

    name = "varde.followup"
    label = "followup"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Follow-up"
