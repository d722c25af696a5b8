"""What the person at the keyboard can mend: said in one line, without a traceback."""


class Trouble(Exception):
    """Ends the program with one clear line. `exit_code` 2: wrong use or surroundings; 1: the work itself failed."""

    def __init__(self, line: str, *, exit_code: int = 2) -> None:
        super().__init__(line)
        self.exit_code = exit_code
