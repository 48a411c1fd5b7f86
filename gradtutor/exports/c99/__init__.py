"""Networks as C99: answers, and steps of training, without any library."""

from gradtutor.exports.c99.program import prediction_program, training_program

__all__ = ["prediction_program", "training_program"]
