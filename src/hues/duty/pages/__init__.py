"""The pages of the room: the week, one shift, one's own duty, teams; the calendar file and the position's door."""
