"""`hues log …`: check the tamper-evident log, and show what witnesses need."""

import argparse
import sys
from pathlib import Path


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("log", help="verify the tamper-evident log")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verify|checkpoint|key")
    verify = verbs.add_parser("verify", help="recompute the log from the journal; exit code 1 if anything was changed")
    verify.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a checkpoint kept elsewhere: finds a log that was cut"
    )
    verbs.add_parser("checkpoint", help="print the newest signed checkpoint")
    verbs.add_parser("key", help="print the key that checks signatures")


def run(args: argparse.Namespace) -> int:
    if args.verb == "verify":
        return _verify(args.checkpoint)
    from hues.kernel.log import notes, queries

    print(notes.verifier_key() if args.verb == "key" else queries.newest_checkpoint().note.rstrip("\n"))
    return 0


def _verify(witnessed: Path | None) -> int:
    from hues.kernel.log.verify import verify

    try:
        note = witnessed.read_text() if witnessed else None
    except (OSError, UnicodeDecodeError) as error:
        print(f"hues: {witnessed} cannot be read: {error}", file=sys.stderr)
        return 2
    verdict = verify(note)
    for problem in verdict.problems:
        print(f"TAMPERED: {problem}")
    if verdict.unsaid:
        print(f"… and {verdict.unsaid} more")
    print(
        f"{verdict.entries} entries ({verdict.erased} erased), {verdict.checkpoints} checkpoints, root {verdict.root.hex()}"
    )
    if verdict.waiting:
        print(f"{verdict.waiting} entries wait for their place: is the relay running?")
    print("the log is sound" if verdict.sound else "the log is NOT sound")
    return 0 if verdict.sound else 1
