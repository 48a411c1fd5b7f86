"""What people read, in English and Chinese: a text with blanks, and what fills them.

A sentence stands in the code in English, with named blanks; its Chinese stands in the
catalogue of its room, ``gradtutor/messages/zh/ROOM.toml``.

>>> from gradtutor.messages import speaking, tr
>>> tr("there is no gate {name!r}", name="sn")
"there is no gate 'sn'"
>>> with speaking("zh"):
...     print(tr("there is no gate {name!r}", name="sn"))
没有名为 'sn' 的函数
"""

from gradtutor.messages.message import Message, key, listed, mark, tr
from gradtutor.messages.speech import LANGUAGES, chosen, language, speak, speaking

__all__ = [
    "LANGUAGES",
    "Message",
    "chosen",
    "key",
    "language",
    "listed",
    "mark",
    "speak",
    "speaking",
    "tr",
]
