"""What the pages of lessons say, in both languages."""

from __future__ import annotations

WEB_WORDS: dict[str, tuple[str, str]] = {
    "web all-lessons": ("All lessons", "全部课程"),
    "web skip": ("Skip to the lesson", "跳到正文"),
    "web question": ("Question {number}", "第 {number} 题"),
    "web progress": ("{right} of {count} right", "答对 {right}/{count} 题"),
    "web minutes": ("{minutes} min", "{minutes} 分钟"),
    "web check": ("Check", "检查"),
    "web hint": ("Hint", "提示"),
    "web hint-number": ("Hint {tier} of {tiers}", "提示 {tier}/{tiers}"),
    "web solution": ("Solution", "解答"),
    "web status-right": ("right", "已答对"),
    "web status-wrong": ("not yet", "还不对"),
    "web status-shown": ("solution seen", "已看解答"),
    "web status-skipped": ("put aside", "已搁置"),
    "web play": ("Play with this circuit", "动手试试这个计算图"),
    "web picture": ("Picture: {name}", "图：{name}"),
    "web expression": ("An expression", "表达式"),
    "web number": ("A number", "数"),
    "web number-in": ("A number, in {unit}", "数（单位：{unit}）"),
    "web choose-one": ("Choose one", "选择一项"),
    "web choose-several": ("Choose all that apply", "选择所有正确的项"),
    "web put-in-order": ("Put in order", "排出顺序"),
    "web up": ("Move up: {text}", "上移：{text}"),
    "web down": ("Move down: {text}", "下移：{text}"),
    "web in-the-terminal": (
        "This one is answered in a terminal, where your file is run:",
        "这道题在终端里作答，你的文件会在那里运行：",
    ),
    "web no-server": (
        "The program that serves this page does not answer: is it still running?",
        "提供本页的程序没有响应：它还在运行吗？",
    ),
    "unreadable-here": (
        "this is no expression that can be read here: write products with *, powers "
        "with ** or ^, as in 2*x*exp(-x^2).",
        "这里读不懂这个表达式：乘法请写 *，乘方请写 ** 或 ^，例如 2*x*exp(-x^2)。",
    ),
}
