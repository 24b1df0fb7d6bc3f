"""The small library that the notebooks of this course build, function by function."""
