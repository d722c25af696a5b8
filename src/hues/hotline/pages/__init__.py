"""The pages of the call desk: thin; what they do is in `actions`, what they show in `queries`."""
