"""What the documents say exists; what people read is translated; nothing names the machine it was made on."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "hues"
FENCES = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.S)
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


DOCUMENTS = [p for p in tracked("*.md") if p.name != "CHANGELOG.md"]


def code_of(document: Path) -> str:
    return "\n".join(a or b for a, b in FENCES.findall(document.read_text()))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_documents_name_only_commands_that_exist(document: Path) -> None:
    from hues.cli import COMMANDS

    code = code_of(document)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    unknown = set(re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", code, re.M)) - targets
    assert not unknown, f"make has no target {sorted(unknown)}"
    commands = {command.name for command in COMMANDS}
    unknown = set(re.findall(r"(?:^|[\s/])hues ([a-z][a-z-]*)", code, re.M)) - commands
    assert not unknown, f"hues has no command {sorted(unknown)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), f"{target} does not exist"


def test_every_variable_of_the_environment_is_documented() -> None:
    used = {
        name
        for path in SRC.rglob("*.py")
        for name in re.findall(r"[\"'](HUES_[A-Z_]+|DATABASE_URL|NATS_URL)[\"']", path.read_text())
    }
    documented = set(re.findall(r"\b(HUES_[A-Z_]+|DATABASE_URL|NATS_URL)\b", (ROOT / "docs/operations.md").read_text()))
    assert not used - documented, f"not in docs/operations.md: {sorted(used - documented)}"


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    lines = "\n".join(p.read_text() for p in (ROOT / "requirements").glob("*.in")).splitlines()
    named = {re.split(r"[\[<>=!~;\s]", line)[0].lower() for line in lines if line and line[0].isalpha()}
    package = json.loads((ROOT / "package.json").read_text())
    named |= {n.lower() for n in {**package.get("dependencies", {}), **package.get("devDependencies", {})}}
    missing = sorted(name for name in named if f"`{name}`" not in reasons)
    assert not missing, f"docs/dependencies.md says nothing of {missing}"


def test_locks_carry_hashes_and_no_address() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9].*==", text, re.M | re.I)
        assert pins and text.count("--hash=sha256:") >= len(pins)
    assert "://" not in re.sub(r'"(url|homepage|funding)":[^\n]*', "", (ROOT / "package-lock.json").read_text())


MACHINE = re.compile(
    r"(?<![\w.])/(?:work|farm|root)/|/home/[a-z]+/|py"
    + r"pi\.org|pythonhosted"
    + r"\.org|registry\.npm"
    + r"js|deb\."
    + r"debian\.org"
)


def test_nothing_names_the_machine_or_a_registry() -> None:
    bad = []
    for path in tracked():
        if path.suffix in {".png", ".jpg", ".woff2", ".onnx", ".ico", ".webp"} or path == Path(__file__):
            continue
        text = path.read_text(errors="replace")
        bad += [f"{path.relative_to(ROOT)}: {m.group()}" for m in MACHINE.finditer(text)]
    assert not bad, bad


def python_messages(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in GETTEXT:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found.update(
                    texts[1:2]
                    if name.startswith("pgettext")
                    else texts[:2]
                    if name.startswith("ngettext")
                    else texts[:1]
                )
    return found


def template_messages(path: Path) -> set[str]:
    text = path.read_text()
    found = {
        a or b for a, b in re.findall(r"{%\s*trans(?:late)?\s+(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')", text)
    }
    found |= {
        a or b
        for a, b in re.findall(
            r"(?<![\w.])_\((?:\"([^\"]*)\"|'([^']*)')\)", "".join(re.findall(r"{[{%].*?[}%]}", text))
        )
    }
    for options, body in re.findall(
        r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", text, re.S
    ):
        for piece in re.split(r"{%\s*plural\s*%}", body):
            if "trimmed" in options:
                piece = " ".join(line.strip() for line in piece.splitlines() if line.strip())
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", piece.replace("%", "%%")))
    return found


def catalogue() -> dict[str, str]:
    """Every room's Vietnamese catalogue, as msgid → msgstr (all forms must be there)."""
    merged: dict[str, str] = {}
    for po in SRC.rglob("locale/vi/LC_MESSAGES/django.po"):
        text = re.sub(r'"\n"', "", po.read_text())
        for block in re.split(r"\n\s*\n", text):
            if "#, fuzzy" in block:
                continue
            ids = re.findall(r'^msgid(?:_plural)? "(.*)"$', block, re.M)
            strings = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', block, re.M)
            for msgid in ids:
                if msgid and strings and all(strings):
                    merged[ast.literal_eval(f'"{msgid}"')] = strings[0]
    return merged


def test_every_text_that_people_see_is_in_vietnamese_too() -> None:
    known = catalogue()
    missing = set()
    for path in SRC.rglob("*"):
        if path.suffix == ".py" and "migrations" not in path.parts:
            missing |= {(m, path) for m in python_messages(path) if m not in known}
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            missing |= {(m, path) for m in template_messages(path) if m not in known}
    listing = "\n".join(f"{p.relative_to(SRC)}: {m!r}" for m, p in sorted(missing, key=str))
    assert not missing, f"{len(missing)} texts without Vietnamese:\n{listing}"
