"""The `hues` command: one table of commands, each in a module of its own, imported only when it is asked for.

A command module has `add(subparsers)`, which declares its arguments, and `run(args) -> int`, the exit code. It imports
Django and the rooms inside
`run`: by then the data folder is chosen and, unless the table says otherwise, the city's database answers and Django
is set up.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module

from hues.kernel.errors import Problem
from hues.runtime.trouble import Trouble


class Needs(Enum):
    """What must stand before a command runs."""

    NOTHING = "nothing"
    DATABASE = "a database that answers"
    STANDSTILL = "a database that answers, while no city is served here"
    CITY = "a database with the current tables and the city pack"


@dataclass(frozen=True)
class Command:
    name: str
    module: str
    help: str
    needs: Needs = Needs.CITY


COMMANDS: tuple[Command, ...] = (
    Command("serve", "hues.cli.serve", "run the whole city on this machine", Needs.NOTHING),
    Command("migrate", "hues.cli.migrate", "bring the tables and the city pack up to date", Needs.DATABASE),
    Command("demo", "hues.cli.demo", "fill the city with sample data"),
    Command("drill", "hues.cli.drill", "play an emergency in an empty city, and check that nothing was lost"),
    Command("import", "hues.cli.imports", "bring in boundaries or reports"),
    Command("cities", "hues.cli.open311", "the other cities that are fed through Open311"),
    Command("assist", "hues.cli.assist", "train the assistant, and measure it", Needs.NOTHING),
    Command("cti", "hues.cli.cti", "telephone systems: secrets, listening, the bridge", Needs.NOTHING),
    Command("stats", "hues.cli.stats", "the numbers of the city, as JSON"),
    Command("user", "hues.cli.user", "create staff accounts"),
    Command("key", "hues.cli.key", "create API keys"),
    Command("log", "hues.cli.log", "verify the tamper-evident log"),
    Command("backup", "hues.cli.backup", "save database and files in one archive", Needs.DATABASE),
    Command("restore", "hues.cli.restore", "bring a saved city back", Needs.STANDSTILL),
    Command("doctor", "hues.cli.doctor", "check this installation", Needs.NOTHING),
    Command("build-web", "hues.cli.build_web", "collect and compress the static files", Needs.NOTHING),
    Command("compile-texts", "hues.cli.compile_texts", "compile the translations", Needs.NOTHING),
    Command("manage", "hues.cli.manage", "Django's own commands, for developers", Needs.NOTHING),
)


def command_names() -> set[str]:
    return {command.name for command in COMMANDS}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    try:
        code = dispatch(list(sys.argv[1:] if arguments is None else arguments))
    except Trouble as trouble:
        print(f"hues: {trouble}", file=sys.stderr)
        code = trouble.exit_code
    except Problem as problem:  # refused by a rule of the city, as the web would say it
        fields = [f"{name}: {text}" for name, text in problem.fields.items()]
        print("hues:", " ".join(filter(None, [problem.detail, *fields])), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # `hues … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    raise SystemExit(code)


def dispatch(arguments: list[str]) -> int:
    arguments = choose_data_dir(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hues.config.settings")
    name = next((word for word in arguments if not word.startswith("-")), "")
    command = next((c for c in COMMANDS if c.name == name), None)
    if name != "serve":  # a command says what it did; only a running city logs everything
        os.environ.setdefault("HUES_LOG_LEVEL", "WARNING")
    if command and command.name == "manage":  # everything behind it belongs to Django
        return int(import_module(command.module).manage(arguments[arguments.index("manage") + 1 :]))
    args = parser_for(command).parse_args(arguments)
    if command is None:
        parser_for(None).print_help()
        return 2
    from hues.cli.attach import city_at_hand

    with city_at_hand(command):
        return int(import_module(command.module).run(args) or 0)


def choose_data_dir(arguments: list[str]) -> list[str]:
    """`--data-dir` may stand anywhere before `--`; settings and secrets are found through the environment."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--data-dir")
    chosen, rest = early.parse_known_args(arguments)
    if chosen.data_dir:
        os.environ["HUES_DATA_DIR"] = os.path.abspath(chosen.data_dir)  # noqa: PTH100 - keeps symbolic links
    return rest


def parser_for(command: Command | None) -> argparse.ArgumentParser:
    """The parser with all names, and the arguments of the one command that was asked for."""
    from hues import __version__

    parser = argparse.ArgumentParser(
        prog="hues",
        description="Hue-S, the digital bridge of a city.",
        epilog="--data-dir DIR (or HUES_DATA_DIR, default ./var) says which city, with every command.",
    )
    parser.add_argument("--version", action="version", version=f"hues {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for row in COMMANDS:
        if row is command:
            import_module(row.module).add(subparsers)
        else:
            subparsers.add_parser(row.name, help=row.help, add_help=False)
    return parser
