"""`hues user …`: staff accounts, before there is an administrator who can make them on the web."""

import argparse
import getpass
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from hues.runtime.trouble import Trouble

ROLES = ("administrator", "auditor", "head", "lead", "officer", "operator")


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("user", help="create staff accounts")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|reset-factor|erase-again|rotate-vault")
    create = verbs.add_parser("create", help="a staff account with a role; the password is asked for")
    create.add_argument("username")
    create.add_argument("--role", choices=ROLES, required=True)
    create.add_argument("--agency", default="", metavar="CODE", help="for officers and heads: where they work")
    create.add_argument("--name", default="", help="as colleagues see it")
    create.add_argument("--email", default="")
    create.add_argument("--language", choices=("vi", "en"), default="vi")
    create.add_argument("--generate", action="store_true", help="make up a password and print it alone")
    reset = verbs.add_parser("reset-factor", help="for a lost telephone, where no two administrators can do it")
    reset.add_argument("username")
    again = verbs.add_parser("erase-again", help="redo erasures that a restored backup does not know of")
    again.add_argument("what", nargs="*", metavar="FILE|RECEIPT", help="default: erasures.log of the data folder")
    verbs.add_parser("rotate-vault", help="seal all identities under the current key")


def run(args: argparse.Namespace) -> int:
    if args.verb == "rotate-vault":
        from hues.people.actions import rotate_vault

        print(f"{rotate_vault()} records sealed under the current key")
        return 0
    if args.verb == "reset-factor":
        return reset_factor(args.username)
    if args.verb == "erase-again":
        return erase_again(args.what)
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


def reset_factor(username: str) -> int:
    """Who can type on this machine holds its keys anyway; the journal says that it was done here."""
    from hues.kernel.actors import SYSTEM
    from hues.people.actions import reset_second_factor
    from hues.people.models import User

    user = User.objects.filter(username=username.strip().lower(), kind=User.Kind.STAFF).first()
    if user is None:
        raise Trouble(f"there is no account {username}", exit_code=1)
    reset_second_factor(actor=SYSTEM, user_id=user.pk)
    print(f"{user.username} sets up a new second factor at the next sign-in")
    return 0


def erase_again(what: Sequence[str]) -> int:
    """Files of receipts, receipts of this folder's own file, or all of them."""
    from hues.people import receipts
    from hues.people.actions.erasing_again import erase_again

    files = [Path(word) for word in what if not receipts.is_receipt(word)]
    wanted = {word.upper() for word in what if receipts.is_receipt(word)}
    try:
        lines = [line for file in files for line in receipts.read(file)]
        if wanted or not what:
            own = receipts.read(receipts.path())
            lines += [line for line in own if not wanted or line.receipt in wanted]
    except (OSError, ValueError) as error:
        raise Trouble(f"the receipts cannot be read: {error}", exit_code=1) from error
    if missing := wanted - {line.receipt for line in lines}:
        raise Trouble(f"{min(missing)} is not in {receipts.path()}", exit_code=1)
    done = erase_again(lines)
    print(done.said())
    return 1 if done.unfinished else 0


def ask_password() -> str:
    """Twice at a terminal; one line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password (12 characters or more): ")
    if getpass.getpass("Once more: ") != first:
        raise Trouble("the two passwords differ", exit_code=1)
    return first
