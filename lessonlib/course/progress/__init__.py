"""What the learner did: one file of events, always whole."""
