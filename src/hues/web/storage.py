from django.contrib.staticfiles.storage import StaticFilesStorage


class Static(StaticFilesStorage):
    """Filled by the web room: hashed names, compressed."""
