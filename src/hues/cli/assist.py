"""`hues assist …`: have the assistant learn, and measure what it suggests. Measuring needs no database and nothing that runs."""

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    parser = subparsers.add_parser("assist", help="train the assistant, and measure it")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="build|train|evaluate-triage|evaluate-duplicates")
    verbs.add_parser("build", help="at setup: train the models of all packs' phrases; needs no database")
    train = verbs.add_parser("train", help="learn from the city pack's phrases and the operators' decisions")
    train.add_argument("--if-needed", action="store_true", help="only if the phrases or the program changed")
    triage = verbs.add_parser("evaluate-triage", help="how often the right category is first, or among three")
    triage.add_argument("file", type=Path, metavar="FILE.csv", help="columns text, code")
    twins = verbs.add_parser("evaluate-duplicates", help="how many known duplicates are found")
    twins.add_argument("cases", type=Path, metavar="CASES.csv.gz")
    twins.add_argument("pairs", type=Path, metavar="PAIRS.csv")


def run(args: argparse.Namespace) -> int:
    if args.verb == "train":
        return _train(if_needed=args.if_needed)
    if args.verb == "build":
        return _build()
    try:
        found = _duplicates(args.cases, args.pairs) if args.verb == "evaluate-duplicates" else _triage(args.file)
    except (OSError, ValueError) as error:
        print(f"hues: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, ensure_ascii=False))
    return 0


def _train(*, if_needed: bool) -> int:
    from hues.cli import Command, Needs
    from hues.cli.attach import city_at_hand

    with city_at_hand(Command("assist", __name__, "", Needs.CITY)):
        from hues.assist.triage import learning, school

        if if_needed and not learning.is_needed():
            print("The assistant knows these phrases already.")
            return 0
        try:
            row = learning.train()
        except school.Failed as failure:
            print(f"hues: {failure}", file=sys.stderr)
            return 1
        print(json.dumps({"model": row.version, "learned": row.learned, **_summary(row.measured)}, ensure_ascii=False))
    return 0


def _build() -> int:
    from hues.assist.triage import kept, school

    try:
        print(f"the assistant knows the phrases of: {', '.join(kept.build()) or 'no pack'}")
    except school.Failed as failure:
        print(f"hues: {failure}", file=sys.stderr)
        return 1
    return 0


def _summary(measured: dict[str, Any]) -> dict[str, Any]:
    names = ("top1", "top3", "top1_folded", "top3_folded")
    return {name: round(measured[name], 4) for name in names} if measured.get("asked") else {}


def _duplicates(cases: Path, pairs: Path) -> dict[str, Any]:
    from hues.assist.duplicates import evaluate

    return evaluate.run(cases, pairs)


def _triage(file: Path) -> dict[str, Any]:
    """Ask the model of the pack's phrases about every line. Raises ValueError for a file of another form."""
    from django.conf import settings

    from hues.assist.triage import kept, school
    from hues.kernel.text import vn_fold

    rows = _read(file)
    try:
        model = kept.model_of_pack(settings.CITIES_DIR / settings.CITY)
    except school.Failed as failure:
        raise ValueError(str(failure)) from failure
    unknown = sorted({code for _text, code in rows} - set(model.codes))
    if unknown:
        raise ValueError(f"{file}: no such category: {', '.join(unknown[:5])}")
    began = time.process_time()
    said = [[guess.code for guess in model.guesses(text)] for text, _code in rows]
    spent = time.process_time() - began
    folded = [[guess.code for guess in model.guesses(vn_fold(text))] for text, _code in rows]
    codes = [code for _text, code in rows]
    return {
        "top1": _share(said, codes, 1),
        "top3": _share(said, codes, 3),
        "n": len(rows),
        "top1_folded": _share(folded, codes, 1),
        "top3_folded": _share(folded, codes, 3),
        "ms_per_text": round(spent * 1000 / len(rows), 3),
        "model": model.version,
    }


def _share(said: list[list[str]], codes: list[str], most: int) -> float:
    return round(sum(code in found[:most] for found, code in zip(said, codes, strict=True)) / len(codes), 4)


def _read(file: Path) -> list[tuple[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if not {"text", "code"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{file}: the first line must name the columns text and code")
        rows = [(row["text"] or "", (row["code"] or "").strip()) for row in reader]
    if not rows:
        raise ValueError(f"{file}: there is no text in it")
    return rows
