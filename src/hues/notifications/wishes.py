"""What is told through which channel, and when: the city's way, and what each person made of it. Pure.

The inbox always has everything. Beyond it, in this order: web push; e-mail, a little later and only if it was not read
meanwhile; a text message, only for what matters and only where nothing else reached the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from hues.city.clock import city_zone
from hues.notifications.models import Channel

PUSH, MAIL, SMS = Channel.PUSH.value, Channel.MAIL.value, Channel.SMS.value
CASE, FOLLOW, ACCOUNT, ALERT, TASK = "case", "follow", "account", "alert", "task"
KINDS = (CASE, FOLLOW, ACCOUNT)  # what one can choose about; alerts and orders to go always come
ALWAYS = frozenset({ALERT, TASK})

# The city's way, for whoever chose nothing.
USUAL: Mapping[str, Mapping[str, bool]] = {
    CASE: {PUSH: True, MAIL: True, SMS: True},
    FOLLOW: {PUSH: True, MAIL: False},
    ACCOUNT: {PUSH: True, MAIL: True},
    ALERT: {PUSH: True, MAIL: True, SMS: True},
    TASK: {PUSH: True, MAIL: True, SMS: True},
}
# Worth a text message to a reporter: an answer is needed, there is a result, or it will not be done here.
MATTERS = frozenset({"ask_citizen", "message", "publish", "reject", "redirect", "dispatch", "check_back"})
# Now or never: help on its way. Quiet hours do not hold it back.
AT_ONCE = frozenset({"dispatch", "set_out", "arrive"})
# Of orders to staff on duty, what also comes as a text message, together with the rest: somebody must go, or need not any more.
ORDERS = frozenset({"sent", "cancelled", "ladder"})

MAIL_WAITS = timedelta(minutes=3)  # for a push to be read
SMS_WAITS = timedelta(minutes=5)  # for a push or a mail to get through
OLD = timedelta(hours=48)  # after an outage nobody wants yesterday's news on the telephone: the inbox has it


@dataclass(frozen=True)
class Wishes:
    """Of one person; the defaults are the city's way."""

    channels: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet: bool = True
    quiet_from: time = time(22, 0)
    quiet_until: time = time(6, 30)

    def wants(self, kind: str, channel: str) -> bool:
        usual = USUAL[kind].get(channel)
        if usual is None or kind in ALWAYS:
            return bool(usual)
        return bool((self.channels.get(kind) or {}).get(channel, usual))


@dataclass(frozen=True)
class Planned:
    channel: str
    due_at: datetime


def kind_of(template: str) -> str:
    """By the first word of the template: "follow.case", "alert.flood", "account.new_device"; all else is of cases."""
    family = template.partition(".")[0]
    if (
        family == "case" and step_of(template) == "ladder"
    ):  # nobody accepted, nobody is there: that too makes somebody go
        return TASK
    return {"follow": FOLLOW, "alert": ALERT, "task": TASK, "account": ACCOUNT, "people": ACCOUNT}.get(family, CASE)


def step_of(template: str) -> str:
    """ "case.escalate-100" → "escalate"."""
    return template.rpartition(".")[2].split("-")[0]


def plan(
    template: str, data: Mapping[str, Any], *, wishes: Wishes, reachable: frozenset[str], now: datetime
) -> list[Planned]:
    """The channels that a notice takes beside the inbox, with the moment of each."""
    kind = kind_of(template)
    chosen = [channel for channel in (PUSH, MAIL, SMS) if channel in reachable and wishes.wants(kind, channel)]
    if SMS in chosen and not _worth_a_text(kind, step_of(template)):
        chosen.remove(SMS)
    at_once = kind == ALERT or step_of(template) in AT_ONCE or bool(data.get("urgent"))
    begin = now if at_once else after_quiet(now, wishes)
    waits = {PUSH: timedelta(0), MAIL: MAIL_WAITS if PUSH in chosen else timedelta(0)}
    waits[SMS] = SMS_WAITS if len(chosen) > 1 else timedelta(0)
    return [Planned(channel, begin + (timedelta(0) if together(template) else waits[channel])) for channel in chosen]


def together(template: str) -> bool:
    """Whether a notice takes all its ways at the same moment, none waiting for another to get through."""
    kind = kind_of(template)
    return kind == ALERT or (kind == TASK and step_of(template) in ORDERS)


def _worth_a_text(kind: str, step: str) -> bool:
    return kind == ALERT or step in (ORDERS if kind == TASK else MATTERS)


def after_quiet(now: datetime, wishes: Wishes) -> datetime:
    """`now`, or the end of the quiet hours it falls into: held back until the morning, never dropped."""
    if not wishes.quiet or wishes.quiet_from == wishes.quiet_until:
        return now
    here = now.astimezone(city_zone())
    clock, begin, end = here.time(), wishes.quiet_from, wishes.quiet_until
    over_midnight = begin > end
    if not (clock >= begin or clock < end if over_midnight else begin <= clock < end):
        return now
    day = here.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    return datetime.combine(day, end, city_zone())
