"""What the assistant learned from and what it learned."""
