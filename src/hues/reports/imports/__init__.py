"""Real reports from elsewhere: files (`hues import reports`) and other cities' servers (`hues import open311`)."""
