"""The questions: texts, cards, marks."""
