from django.contrib.auth.backends import ModelBackend


class StaffBackend(ModelBackend):
    """Password sign-in of staff."""
