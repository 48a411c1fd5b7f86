"""Slopes by differences at several scales and in many digits: a second opinion."""
