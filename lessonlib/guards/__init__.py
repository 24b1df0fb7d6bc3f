"""What is said when something is wrong: the cause, your line, a cure, the lesson."""
