"""The relay: the one process that carries the journal onwards.

Every entry, in the order in which changes were committed, gets its place in the log (`placing.py`), goes to NATS as a
CloudEvent (`broker.py`), and is given to the followers that registered for it (`following.py`); every few seconds the
log is signed. Each of these remembers how far it came, so any of them may be away, or the process be killed anywhere,
and nothing is lost or placed twice.
"""

from hues.kernel.relay.process import main, run_once

__all__ = ["main", "run_once"]
