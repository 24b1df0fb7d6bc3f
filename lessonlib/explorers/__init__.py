"""What plays: everything with a slider, and the bear app."""
