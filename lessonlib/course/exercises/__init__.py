"""What is asked in the lessons, and what comes of an answer: `check`, `hint`, `guess`."""
