"""The tamper-evident log: a Merkle tree over the journal (RFC 6962), with signed checkpoints (C2SP tlog-checkpoint).

A leaf is SHA-256(0x00 ‖ SHA-256(salt ‖ entry)), the entry being its canonical JSON (`leaves.py`). The tree therefore
holds nothing but hashes of salted hashes: when content and salt of an entry are erased (`journal.erase_entry`), its
leaf stays, every proof and every checkpoint stays valid, and nothing can be guessed back from the leaf.
"""
