"""The course around the lessons: start, check, hint, solution and the command line."""
