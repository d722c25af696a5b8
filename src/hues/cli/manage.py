"""`hues manage …`: Django's own commands, for developers."""


def manage(arguments: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["hues manage", *arguments])
    return 0
