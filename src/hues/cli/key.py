"""`hues key …`: API keys for other programs."""

import argparse


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("key", help="create API keys")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create")
    create = verbs.add_parser("create", help="a new key; prints the key alone, once")
    create.add_argument("--scope", action="append", required=True, help="what it opens; may be given several times")
    create.add_argument("name", help="who will use it")


def run(args: argparse.Namespace) -> int:
    from hues.kernel.actors import SYSTEM
    from hues.people.actions import create_key

    print(create_key(actor=SYSTEM, name=args.name, scopes=args.scope))
    return 0
