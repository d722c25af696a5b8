"""The desk of agencies and the centre, and the door to photos."""
