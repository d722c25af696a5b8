"""Filing for somebody else: the ward's helper, with the person's consent."""
