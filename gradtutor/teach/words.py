"""The sentences of sheets, keys and reports, in both languages: one table.

>>> say("zh", "points", points=3)
'3 分'
"""

from __future__ import annotations

from typing import Any

from gradtutor.messages import LANGUAGES
from gradtutor.messages.font import WIDE

WORDS: dict[str, tuple[str, str]] = {
    # ---- what an exercise asks ----
    "ask circuit": (
        "Fill in every wire: first the values, from the inputs to the output, then the "
        "gradients, from the output back.",
        "填写每条线：先从输入到输出写出数值，再从输出往回写出梯度。",
    ),
    "ask derive": ("Differentiate `{of}` by {wrt}.", "求 `{of}` 对 {wrt} 的导数。"),
    "ask number": ("Compute the number.", "求这个数。"),
    "ask expression": ("Write the formula.", "写出公式。"),
    "ask wrong-line": (
        "One line of this code is wrong. Which? Give its number.\n\n"
        "```text\n{code}\n```",
        "下面的代码有一行写错了。是哪一行？请写出行号。\n\n```text\n{code}\n```",
    ),
    "ask order": ("Put the steps in order.", "请把各步骤排成正确的顺序。"),
    "ask choice": ("Choose one.", "请选一项。"),
    # ---- what an exercise is called, where its sheet gives it no title ----
    "title circuit": ("Fill in the circuit", "填写电路"),
    "title derive": ("Differentiate", "求导"),
    "title number": ("Compute", "计算"),
    "title expression": ("Write the formula", "写出公式"),
    "title wrong-line": ("Find the wrong line", "找出错误的一行"),
    "title order": ("Order the steps", "排列步骤"),
    "title choice": ("Choose", "选择"),
    # ---- how it is solved ----
    "solved circuit": ("", ""),
    "solved derive": ("", ""),
    "solved number": ("", ""),
    "solved expression": ("", ""),
    "solved wrong-line": (
        "The line should hold `{right}`; it holds `{wrong}`.",
        "这一行应是 `{right}`，却写成了 `{wrong}`。",
    ),
    "solved order": ("", ""),
    "solved choice": ("", ""),
    # ---- a sheet ----
    "points": ("{points} points", "{points} 分"),
    "point": ("{points} point", "{points} 分"),
    "name": ("Name", "姓名"),
    "id": ("Number", "学号"),
    "version": ("Version", "卷别"),
    "exercise": ("Exercise {number}", "第 {number} 题"),
    "answer": ("Answer", "答"),
    "key": ("Key", "参考答案"),
    "given": ("Inputs", "输入"),
    "file": ("Write `{function}` in `{file}`.", "请在 `{file}` 中写出 `{function}`。"),
    "total": ("{points} points in all", "共 {points} 分"),
    # ---- a key ----
    "wire": ("wire", "线"),
    "value": ("number", "数值"),
    "carried": ("from the numbers before it", "由前面的数算出"),
    "carried-note": (
        "Errors carried forward: a number that is computed rightly from a wrong one "
        "before it is right.",
        "前错不连累：由前面的错数正确算出的数，算对。",
    ),
    # ---- a report ----
    "head student": ("student", "学号"),
    "head name": ("name", "姓名"),
    "head exercise": ("exercise", "题号"),
    "head points": ("points", "得分"),
    "head of": ("of", "满分"),
    "head verdict": ("verdict", "判定"),
    "head misconception": ("misconception", "误解"),
    "head feedback": ("feedback", "评语"),
    "verdict correct": ("correct", "正确"),
    "verdict wrong": ("wrong", "错误"),
    "verdict invalid": ("invalid", "读不出"),
    "verdict undecided": ("undecided", "无法判定"),
    "verdict missing": ("missing", "未作答"),
    "verdict fault": ("fault", "未能评分"),
    # ---- grading ----
    "unknown": (
        "is in no roster of these sheets",
        "不在这份练习的名单中",
    ),
    "no-answer": ("no answer", "没有作答"),
    "fault": ("could not be graded: {message}", "无法评分：{message}"),
    "too-long": ("grading took over {seconds:g} s", "评分超过 {seconds:g} 秒"),
    "right": ("right", "正确"),
    "not-right": ("not right", "不对"),
    "common": ("The most frequent misconceptions", "最常见的误解"),
    "students": ("Students: {count}", "学生人数：{count}"),
    "mean": ("Mean: {mean} of {of} points", "平均：{mean} 分（满分 {of} 分）"),
}


def say(language: str, key: str, /, **values: Any) -> str:
    """Return a sentence in a language, with its values filled in."""
    return WORDS[key][LANGUAGES.index(language)].format(**values)


def points_text(language: str, points: float) -> str:
    """Return ``1 point``, ``2 points``, ``3 分``."""
    return say(language, "point" if points == 1 else "points", points=f"{points:g}")


def before(label: str) -> str:
    """Return a label with its colon, a wide one behind Chinese.

    >>> before("Name"), before("姓名")
    ('Name: ', '姓名：')
    """
    return f"{label}：" if WIDE.match(label[-1:]) else f"{label}: "
