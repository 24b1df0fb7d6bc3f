"""What is run to begin: `python -m lessonlib …` in the terminal, `start` in a lesson."""
