"""Sheets of exercises for a class: numbers for each student, keys, grades, quizzes."""
