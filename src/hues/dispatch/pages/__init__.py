"""Pages: the centre's board, the officer's phone, the panel beside a case."""
