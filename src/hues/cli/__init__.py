"""The `hues` command. (Filled by the cli room.)"""

import sys


def main() -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
