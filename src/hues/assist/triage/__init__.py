"""What a text may be about: category, urgency, agency, and what in it should not be seen in public. Suggests, never decides."""
