"""What came of it all: the progress page, the review, what the terminal prints."""
