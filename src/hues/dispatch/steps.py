"""The steps that a process needs for its states to carry tasks, by name; `cities/*/processes/immediate.yaml` has them."""

from collections.abc import Mapping

SEND = "send"  # from triage: somebody goes now, what the public reads is decided later
SEND_ON = "send_on"  # to another agency while nobody accepted: deadline and ladder go on
CANNOT = "cannot"  # whoever was sent cannot come, or was called back: somebody else is looked for
RECALL = "recall"  # everybody comes back, the case returns to triage
FOLLOW_UP = "follow_up"
TO: Mapping[str, str] = {"accepted": "accept", "on_way": "on_the_way", "arrived": "on_scene", "done": "done"}
