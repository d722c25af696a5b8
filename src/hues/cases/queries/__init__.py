"""Reads of cases, shaped for their use. Each says how many statements it costs; tests/cases/test_queries.py holds them to it."""

from hues.cases.queries.inbox import QUEUES, InboxRow, inbox, inbox_counts, queues_for
from hues.cases.queries.map import public_map
from hues.cases.queries.one import CasePage, StepView, case_for, case_page, steps_for
from hues.cases.queries.own import mine
from hues.cases.queries.public import PublicCase, PublicRow, counters, public_case, public_list
from hues.cases.queries.timeline import Event, timeline

__all__ = [
    "QUEUES",
    "CasePage",
    "Event",
    "InboxRow",
    "PublicCase",
    "PublicRow",
    "StepView",
    "case_for",
    "case_page",
    "counters",
    "inbox",
    "inbox_counts",
    "mine",
    "public_case",
    "public_list",
    "public_map",
    "queues_for",
    "steps_for",
    "timeline",
]
