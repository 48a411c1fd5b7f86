"""What a mistake is called in a report: a few words, in the language of the sheets.

>>> title("sign", "zh"), title("by-half", "en")
('符号错了', 'by half')
"""

from __future__ import annotations

from gradtutor.audit import misconceptions
from gradtutor.messages import LANGUAGES

MOST_LETTERS = 22  # of a sentence that stands for a name

#: Mistakes of lessons and of derivatives; those of code have pages of the audit.
TITLES: dict[str, tuple[str, str]] = {
    "sign": ("The sign is wrong", "符号错了"),
    "turned": ("The sign is turned round", "符号反了"),
    "uphill": ("Steps go uphill", "朝上坡走了"),
    "integrated": ("Integrated, not differentiated", "求成了积分"),
    "undifferentiated": ("Not differentiated", "没有求导"),
    "no-inner-derivative": ("The inner derivative is left out", "漏掉了内层导数"),
    "no-inner": ("The inner derivative is left out", "漏掉了内层导数"),
    "inner-derived-twice": ("The inside is derived, too", "里外同时求导"),
    "derived-inside": ("The inside is derived, too", "里外同时求导"),
    "product-of-derivatives": ("(uv)' taken for u'v'", "把 (uv)' 当作 u'v'"),
    "quotient-order": ("The quotient rule is turned round", "商的法则次序颠倒"),
    "power-kept": ("The power is kept", "指数没有减一"),
    "exponential-as-power": ("An exponential as a power", "把指数函数当作幂函数"),
    "local-only": ("The local derivative alone", "只有局部导数"),
    "no-upstream": ("The upstream gradient is left out", "漏掉了上游梯度"),
    "overwritten": ("Overwritten, not added", "覆盖了，没有相加"),
    "reciprocal": ("The reciprocal", "取了倒数"),
    "swapped": ("The inputs are swapped", "两个输入弄反了"),
    "not-swapped": ("The factor itself, not the other", "没有换成另一个因子"),
    "routed-wrong": ("The gradient goes to the loser", "梯度给了较小者"),
    "split-sum": ("A sum's gradient is shared out", "把加法门的梯度平分了"),
    "shared-max": ("A maximum's gradient is shared out", "把最大值门的梯度平分了"),
    "skipped-slope": ("An activation's slope is left out", "漏掉了激活函数的斜率"),
    "no-slope": ("An activation's slope is left out", "漏掉了激活函数的斜率"),
    "no-copy-sum": ("Paths are not added at a fork", "分叉处没有相加"),
    "no-two": ("The factor 2 is left out", "漏掉了因子 2"),
    "no-mean": ("The mean is forgotten", "忘了取平均"),
    "sum-not-mean": ("A sum, not a mean", "求了和，没有取平均"),
    "averaged": ("A mean, not a sum", "取了平均，应当求和"),
    "added": ("Added, not multiplied", "相加了，应当相乘"),
    "no-bias": ("The bias is left out", "漏掉了偏置"),
    "no-biases": ("The biases are left out", "漏掉了偏置"),
    "forgot-bias": ("The bias is left out", "漏掉了偏置"),
    "mean-bias": ("The bias gradient is a mean", "偏置的梯度取了平均"),
    "no-mask": ("The mask is left out", "漏掉了掩码"),
    "value": ("The value, not the slope", "用了值，应当用斜率"),
    "first-only": ("Only the first path", "只算了第一条路"),
}


def title(name: str, language: str, said: str = "") -> str:
    """Return what a mistake is called.

    Parameters
    ----------
    said : str
        The sentence that a student is told: it stands in for a name that only one
        lesson has, where that would be English.
    """
    if name in TITLES:
        return TITLES[name][LANGUAGES.index(language)]
    if name in misconceptions.names():
        return misconceptions.page(name, language).title
    if language == LANGUAGES[0] or not said:
        return name.replace("-", " ")
    return said if len(said) <= MOST_LETTERS else f"{said[: MOST_LETTERS - 1]}…"
