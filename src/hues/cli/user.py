"""`hues user …`: staff accounts, before there is an administrator who can make them on the web."""

import argparse
import getpass
import secrets
import sys

from hues.runtime.trouble import Trouble

ROLES = ("administrator", "auditor", "head", "lead", "officer", "operator")


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("user", help="create staff accounts")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|rotate-vault")
    create = verbs.add_parser("create", help="a staff account with a role; the password is asked for")
    create.add_argument("username")
    create.add_argument("--role", choices=ROLES, required=True)
    create.add_argument("--agency", default="", metavar="CODE", help="for officers and heads: where they work")
    create.add_argument("--name", default="", help="as colleagues see it")
    create.add_argument("--email", default="")
    create.add_argument("--language", choices=("vi", "en"), default="vi")
    create.add_argument("--generate", action="store_true", help="make up a password and print it alone")
    verbs.add_parser("rotate-vault", help="seal all identities under the current key")


def run(args: argparse.Namespace) -> int:
    if args.verb == "rotate-vault":
        from hues.people.actions import rotate_vault

        print(f"{rotate_vault()} records sealed under the current key")
        return 0
    password = secrets.token_urlsafe(12) if args.generate else ask_password()
    create(args, password)
    if args.generate:
        print(password)
    return 0


def create(args: argparse.Namespace, password: str) -> None:
    """Account and role together or not at all."""
    from django.db import transaction

    from hues.kernel.actors import SYSTEM
    from hues.people.actions import create_staff, grant_role

    with transaction.atomic():
        user = create_staff(
            actor=SYSTEM,
            username=args.username,
            password=password,
            display_name=args.name or args.username,
            email=args.email,
            language=args.language,
        )
        grant_role(actor=SYSTEM, user_id=user.pk, role=args.role, agency=args.agency)
    print(f"{user.username} is {args.role}{f' of {args.agency}' if args.agency else ''}", file=sys.stderr)


def ask_password() -> str:
    """Twice at a terminal; one line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password (12 characters or more): ")
    if getpass.getpass("Once more: ") != first:
        raise Trouble("the two passwords differ", exit_code=1)
    return first
