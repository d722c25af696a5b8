"""What the ticker says of a step: the words of the process, never what somebody typed.

A step's sentence may end in a reason or an answer ("Dời ngày hẹn sang 5/12: …"). Everybody may read it on the case's own page; a wall shows it
to whoever passes, and who typed it did not think of walls. What was typed is left out, and the colon in front of it.
"""

import re
from functools import lru_cache

from hues.cases import processes
from hues.cases.definition import Process, Step, pick

_PLACE = re.compile(r"\{(\w+)\}")
_KNOWN = frozenset({"agency", "due", "date", "days", "code", "other"})  # of the case and the pack, whoever acts


def without_typed(process_id: int, action: str, text: str, language: str) -> str:
    """The text of a public entry as a wall may show it. No statement."""
    process: Process = processes.process(process_id)
    step = process.steps.get(action.removeprefix("case."))
    if step is None:
        return text  # words of the program
    said = pick(step.done, language)
    typed = frozenset(name for name in _PLACE.findall(said) if not _known(step, name))
    if not typed:
        return text
    found = _pattern(said).fullmatch(text)
    if found is None:  # told by an earlier version of the process
        return pick(step.verbs, language)
    values, at, parts = iter(found.groups()), 0, []
    for place in _PLACE.finditer(said):
        parts.append(said[at : place.start()])
        value, at = next(values), place.end()
        parts.append("" if place.group(1) in typed else value)
    return "".join([*parts, said[at:]]).strip(" :;,–-")


def _known(step: Step, name: str) -> bool:
    """Whether a placeholder stands for something that nobody typed: facts of the case, and the label of a choice."""
    if name == "reason":
        field = step.fields.get("reason")
        return bool(field and field.options)
    if name == "text":  # the rating's label, where nothing is written
        return not {"text", "question"} & set(step.fields)
    return name in _KNOWN


@lru_cache(maxsize=256)
def _pattern(said: str) -> re.Pattern[str]:
    parts = _PLACE.split(said)
    return re.compile("".join("(.*?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)), re.S)
