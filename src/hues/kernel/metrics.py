"""Measurements for Prometheus (`GET /metrics`).

Several processes of one machine share a folder when PROMETHEUS_MULTIPROC_DIR is set; otherwise each shows its own.
"""

import os
from collections.abc import Iterator

from django.db import Error, connection
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("hues_http_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "hues_http_request_seconds", "Time to answer", ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
PHOTOS = Counter("hues_photos_total", "Photos received", ["result"])
MASKED = Counter("hues_masked_total", "Photos masked, videos re-encoded", ["result"])
RELAYED = Counter("hues_relay_entries_total", "Journal entries carried on", ["to"])
NOTICES = Counter("hues_notices_total", "Notices that left the house, or did not", ["channel", "state"])
RELAY_FAILURES = Counter("hues_relay_failures_total", "Attempts that failed", ["to"])

_STATE = """
select (select count(*) from (select 1 from kernel_outbox limit 100000) waiting)::float8,
       (select coalesce(max(place) + 1, 0) from kernel_logleaf)::float8,
       (select coalesce(max(size), 0) from kernel_logcheckpoint)::float8,
       (select count(*) from kernel_parkedentry)::float8
"""
_NAMES = (
    ("hues_outbox_entries", "Journal entries that the log does not hold yet"),
    ("hues_log_size", "Leaves of the log"),
    ("hues_log_checkpoint_size", "Leaves covered by the last signed checkpoint"),
    ("hues_parked_entries", "Entries that a follower failed on and that are tried again"),
)


class Journal:
    """The state of the journal and its log, read from the database when asked."""

    def collect(self) -> Iterator[Metric]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(_STATE)
                values = cursor.fetchone()
        except Error:
            return
        for (name, text), value in zip(_NAMES, values, strict=True):
            yield GaugeMetricFamily(name, text, value=value)


def exposition() -> bytes:
    """Everything measured, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(Journal())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)
