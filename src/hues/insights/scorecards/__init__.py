"""Scorecards of the desk: what staff and leaders look at, compare, follow down to the records and take along as a file."""
