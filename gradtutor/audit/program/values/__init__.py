"""What to give each argument of a person's function: an array, a dict, a setting."""

from gradtutor.audit.program.values.arguments import RATES, Values, fixed_leaves
from gradtutor.audit.program.values.making import constructor
from gradtutor.audit.program.values.settings import SETTINGS

__all__ = ["RATES", "SETTINGS", "Values", "constructor", "fixed_leaves"]
