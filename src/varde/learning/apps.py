"""Django's name for the room."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """The room's tables live under the label "learning"."""

    name = "varde.learning"
    label = "learning"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Learning"
