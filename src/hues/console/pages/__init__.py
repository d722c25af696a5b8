"""The doors of the console: the room of triage, bulk decisions, replies, the handover of a shift."""
