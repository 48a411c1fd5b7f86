r"""The comments of generated scripts in Chinese: the code stays as it is.

>>> print(in_chinese('''x = 1  # what you have set stays\n'''), end="")
x = 1  # 你设置过的保持不变
"""

from gradtutor.codegen.comments.sentences import printed_as_spoken
from gradtutor.codegen.comments.translating import in_chinese

__all__ = ["in_chinese", "printed_as_spoken"]
