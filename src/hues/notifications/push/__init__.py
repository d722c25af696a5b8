"""Web push, our own sender: RFC 8030 (the protocol), 8291 and 8188 (encryption), 8292 (who we are)."""
