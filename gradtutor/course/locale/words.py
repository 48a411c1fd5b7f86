"""The engine's own sentences, in both languages: one table.

>>> say("zh", "picked-twice", word="b")
'“b”选了两次。'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.course.locale import LANGUAGES

WORDS: dict[str, tuple[str, str]] = {
    # ---- verdicts ----
    "correct": ("Right.", "正确。"),
    "wrong": ("Not yet.", "还不对。"),
    "invalid": ("Not counted:", "不计入："),
    "undecided": ("Undecided.", "无法判定。"),
    "stays-right": (
        "You have answered this rightly before: that answer still counts.",
        "这道题你之前已经答对，那个答案仍然有效。",
    ),
    # ---- picking ----
    "nothing": ("there is no answer", "没有给出答案"),
    "picked-twice": ("“{word}” is picked twice.", "“{word}”选了两次。"),
    "no-option": (
        "“{word}” is no option: use its letter, {letters}, or its name.",
        "没有选项“{word}”：请用字母 {letters} 或选项的名字。",
    ),
    "one-option": (
        "choose one option; {count} were given.",
        "请只选一项；这里给了 {count} 项。",
    ),
    "option-missing": (
        "One that belongs here is still missing.",
        "还少选了应选的项。",
    ),
    "options-missing": (
        "{count} that belong here are still missing.",
        "还少选了 {count} 项。",
    ),
    "items-missing": (
        "the order must have every step; missing: {items}.",
        "顺序中要有每一步；还缺：{items}。",
    ),
    "too-early": (
        "“{second}” stands before “{first}”, but needs its result.",
        "“{second}”排在“{first}”之前，却要用到后者的结果。",
    ),
    # ---- expressions and numbers ----
    "unreadable": ("{message}", "{message}"),
    "one-answer": (
        "one answer is wanted; {count} were given. Put it in quotes.",
        "只需要一个答案；这里给了 {count} 个。请加上引号。",
    ),
    "decimal-comma": (
        "write the decimal point as a point: {suggestion}",
        "小数点请写成英文句点：{suggestion}",
    ),
    "no-unit": (
        "the answer is a number without a unit: leave “{unit}” out",
        "答案是不带单位的数：请去掉“{unit}”",
    ),
    "other-unit": (
        "“{unit}” measures something else; the answer is in {wanted}",
        "“{unit}”不是这里的单位；答案以 {wanted} 为单位",
    ),
    "two-options": (
        "“{word}” may mean {options}: use the letter.",
        "“{word}”可能指 {options}：请用字母。",
    ),
    "percent": (
        "write a percentage as a number: {suggestion}",
        "百分数请写成小数：{suggestion}",
    ),
    "not-finite": (
        "this is {value}: the answer is a finite number",
        "这个结果是 {value}：答案应是有限的数",
    ),
    "wrong-shape": (
        "The shape is {given}; it should be {wanted}.",
        "形状是 {given}，应为 {wanted}。",
    ),
    "sign": (
        "The sign is wrong; everything else is right.",
        "只有符号错了，其余都对。",
    ),
    "factor": (
        "Your answer is {factor} times the right one, everywhere.",
        "你的答案处处是正确答案的 {factor} 倍。",
    ),
    "offset": (
        "Your answer differs from the right one by the constant {offset}.",
        "你的答案与正确答案处处相差常数 {offset}。",
    ),
    "inverse": (
        "Your answer is one over the right one.",
        "你的答案是正确答案的倒数。",
    ),
    "partly-right": (
        "Right at {right} of {count} test points, as at {at}; wrong at {wrong_at}, "
        "where yours gives {given} instead of {wanted}.",
        "{count} 个测试点中有 {right} 个正确，例如 {at}；在 {wrong_at} 处不对："
        "你得到 {given}，应为 {wanted}。",
    ),
    "rounded": (
        "Nearly: rounded numbers are not exact. Write 1/3 rather than 0.333.",
        "很接近：但四舍五入的数不是精确值。请写 1/3，不要写 0.333。",
    ),
    "no-variable": (
        "The right answer depends on {name}; yours does not.",
        "正确答案依赖于 {name}，你的答案里没有它。",
    ),
    "undefined": (
        "Your answer has no value at {at}, where the right one has.",
        "在 {at} 处你的答案没有值，而正确答案有。",
    ),
    "differs": (
        "At {at} yours gives {given}, and it should be {wanted}.",
        "在 {at} 处你得到 {given}，应为 {wanted}。",
    ),
    "unproved": (
        "It agrees at every test point, but equality could not be proved. Write it "
        "in a simpler form.",
        "它在所有测试点都一致，但无法证明相等。请写成更简单的形式。",
    ),
    "no-points": (
        "Neither answer has a value at enough test points.",
        "有值的测试点太少。",
    ),
    "near-number": (
        "Close, but not within {tolerance}: compute with more digits.",
        "很接近，但误差超过 {tolerance}：请多保留几位数字。",
    ),
    "number-off": ("It is not {given}.", "不是 {given}。"),
    # ---- circuits ----
    "blank-unknown": (
        "there is no blank “{name}”; the blanks are {blanks}",
        "没有名为“{name}”的空；要填的是：{blanks}",
    ),
    "blank-twice": ("{name} is given twice", "{name} 给了两次"),
    "blanks-missing": ("still empty: {blanks}", "还空着：{blanks}"),
    "blank-number": ("{name}: {message}", "{name}：{message}"),
    "blank-form": (
        "write each blank as name=number: {example}",
        "每个空写成 名字=数：{example}",
    ),
    "blanks-count": (
        "{wanted} blanks, but {given} number(s); the blanks in order: {blanks}",
        "要填 {wanted} 个空，你给了 {given} 个数；依次为：{blanks}",
    ),
    "blank-wrong": (
        "{name} is not {given}, given your other numbers.",
        "按你填的其他数，{name} 不是 {given}。",
    ),
    "blank-mistake": ("{name} = {given}: {feedback}", "{name} = {given}：{feedback}"),
    # ---- code ----
    "no-file": (
        "there is no file {path}: gradtutor lesson start {lesson} writes it",
        "没有文件 {path}：gradtutor lesson start {lesson} 会写出它",
    ),
    "program": ("{message}", "{message}"),
    "late": (
        "The code did not end within {seconds} s. Is there an endless loop?",
        "代码在 {seconds} 秒内没有结束。是不是有死循环？",
    ),
    "late-line": (
        "When time was up it was at line {line}: `{text}`",
        "时间用完时执行到第 {line} 行：`{text}`",
    ),
    "returned": (
        "{function} returns {given} value(s); {wanted} are wanted.",
        "{function} 返回 {given} 个值；应返回 {wanted} 个。",
    ),
    "shape-of": (
        "{name} has the shape {given}; it should be {wanted}.",
        "{name} 的形状是 {given}，应为 {wanted}。",
    ),
    "not-a-number": (
        "{name} is {given} where {wanted} is right: somewhere a root or a logarithm "
        "of a negative number, 0/0 or an overflow was computed.",
        "{name} 是 {given}，应为 {wanted}："
        "某处对负数开方或取对数、算了 0/0，或者溢出了。",
    ),
    "truth-of": (
        "{name} is True or False; it should be a number: 1.0 or 0.0.",
        "{name} 是 True 或 False；应为数：1.0 或 0.0。",
    ),
    "element-of": (
        "{name} is {given} where {wanted} is right.",
        "{name} 是 {given}，应为 {wanted}。",
    ),
    "mutated": (
        "The function changes its argument {names} in place; work on a copy.",
        "函数就地改动了参数 {names}；请在副本上计算。",
    ),
    "line": ("Line {line}: {text}", "第 {line} 行：{text}"),
    "audit": ("{reason}", "{reason}"),
    "page": (
        "The page on this mistake: `gradtutor explain {name}`",
        "关于这个错误的说明：`gradtutor explain {name}`",
    ),
    # ---- known mistakes' stock feedback ----
    "mistake sign": ("The sign is turned round.", "符号反了。"),
    "mistake integrated": (
        "This integrates instead of differentiating: the exponent goes down, not up.",
        "这是求积分而不是求导：指数应当降低而不是升高。",
    ),
    "mistake undifferentiated": (
        "This is the function itself: it has not been differentiated yet.",
        "这是函数本身，还没有求导。",
    ),
    "mistake inner-derived-twice": (
        "The inner function is differentiated in two places: inside the outer "
        "derivative it stays as it is, and its derivative only multiplies.",
        "内层函数在两处都求了导：外层导数里的内层要保持原样，它的导数只用来相乘。",
    ),
    "mistake no-inner-derivative": (
        "The inner derivative is missing: the chain rule multiplies by it.",
        "漏乘了内层函数的导数：链式法则要乘上它。",
    ),
    "mistake product-of-derivatives": (
        "The derivative of a product is not the product of the derivatives: "
        "(uv)' = u'v + uv'.",
        "乘积的导数不是导数的乘积：(uv)' = u'v + uv'。",
    ),
    "mistake quotient-order": (
        "In (u/v)' = (u'v - uv')/v², the order of the difference matters.",
        "在 (u/v)' = (u'v - uv')/v² 中，减法的次序不能颠倒。",
    ),
    "mistake power-kept": (
        "The exponent must go down by one: (x^n)' = n x^(n-1).",
        "指数要减一：(x^n)' = n x^(n-1)。",
    ),
    "mistake exponential-as-power": (
        "e^x is no power of x: its derivative is e^x itself, not x e^(x-1).",
        "e^x 不是 x 的幂：它的导数就是 e^x，不是 x e^(x-1)。",
    ),
    "mistake local-only": (
        "This is the local derivative alone: multiply it by the upstream gradient.",
        "这只是局部导数：还要乘上上游梯度。",
    ),
    "mistake overwritten": (
        "The value is used in several places: the gradients of all its paths are "
        "added, and the last does not overwrite the others.",
        "这个值用在多处：各条路径的梯度要相加，后来的不能覆盖先前的。",
    ),
    "mistake reciprocal": (
        "This is one over the right answer.",
        "这是正确答案的倒数。",
    ),
    "mistake swapped": (
        "A multiply gate swaps: each input gets upstream times the OTHER input.",
        "乘法门是“交换器”：每个输入得到上游梯度乘以另一个输入。",
    ),
    "mistake routed-wrong": (
        "A max gate passes the whole gradient to the larger input, none to the other.",
        "max 门把全部梯度交给较大的输入，另一个得到零。",
    ),
    "mistake split-sum": (
        "An add gate does not split the gradient: each input gets all of it.",
        "加法门不平分梯度：每个输入都得到全部梯度。",
    ),
    "mistake shared-max": (
        "A max gate does not share the gradient: the largest input gets all of it, "
        "the others none.",
        "max 门不平分梯度：最大的输入得到全部，其余得到零。",
    ),
    "mistake skipped-slope": (
        "The gradient was passed on as it came: multiply it by the gate's own slope.",
        "梯度被原样传了下去：还要乘上这个门自己的斜率。",
    ),
    "mistake no-copy-sum": (
        "The gradients that come back to one value are added, not multiplied.",
        "回到同一个值的各个梯度要相加，不是相乘。",
    ),
    # ---- how to answer ----
    "to-answer": ("Answer with", "回答"),
    "blanks": ("Blanks: {blanks}", "要填的空：{blanks}"),
    # ---- commands ----
    "question": ("Question {number} of {count}", "第 {number} 题（共 {count} 题）"),
    "status open": ("open", "未答"),
    "status right": ("right", "已答对"),
    "status shown": ("solution shown", "看过解答"),
    "status skipped": ("skipped", "已跳过"),
    "minutes": ("{minutes} min", "{minutes} 分钟"),
    "progress": ("{right} of {count}", "{right}/{count}"),
    "not-written": ("not written yet", "尚未写成"),
    "broken": ("has mistakes", "有错误"),
    "started": (
        "Started: {title} (variant {variant} of {variants}).",
        "开始：{title}（第 {variant} 套数字，共 {variants} 套）。",
    ),
    "already": (
        "Already started; your answers are kept.",
        "已经开始过；你的答案都保留着。",
    ),
    "files": ("Your files are in {folder}", "你的文件在 {folder}"),
    "kept": ("kept as it is: {path}", "保留原样：{path}"),
    "picture-at": ("picture: {path}", "图：{path}"),
    "picture-start": (
        "picture as SVG: {command}",
        "SVG 图：{command}",
    ),
    "next": ("Next: {command}", "下一步：{command}"),
    "hint-left": ("Stuck? {command}", "卡住了？{command}"),
    "hint": ("Hint {tier} of {tiers}", "提示 {tier}（共 {tiers} 条）"),
    "no-more-hints": (
        "That was the last hint. The worked solution: {command}",
        "提示已用完。完整解答：{command}",
    ),
    "solution": ("Solution", "解答"),
    "lesson-done": ("This lesson is done.", "这一课完成了。"),
    "course-done": ("Every lesson is done.", "全部课程都完成了。"),
    "skipped": ("Skipped: {question}", "已跳过：{question}"),
    "reset-lesson": (
        "{lesson}: progress set back; the log keeps what was.",
        "{lesson}：进度已清零；日志中仍保留记录。",
    ),
    "backed-up": ("your {path} is kept as {backup}", "你的 {path} 已另存为 {backup}"),
    "watching": (
        "Watching {files}. Save a file to check it; Ctrl-C ends.",
        "正在监视 {files}。保存文件即检查；按 Ctrl-C 结束。",
    ),
    "no-code": ("{lesson} has no code question.", "{lesson} 没有编程题。"),
    "checked": ("{right} of {count} right", "{count} 题中 {right} 题正确"),
    "nothing-answered": ("Nothing is answered yet.", "还没有回答过任何题目。"),
    "no-lesson": (
        "there is no lesson “{name}”: gradtutor lesson list shows them",
        "没有名为“{name}”的课：gradtutor lesson list 会列出全部课程",
    ),
    "lesson-near": (
        "there is no lesson “{name}”: did you mean {near}?",
        "没有名为“{name}”的课：是不是 {near}？",
    ),
    "lesson-not-written": (
        "the lesson {name} is not written yet",
        "{name} 这一课尚未写成",
    ),
    "no-question": (
        "{lesson} has no question “{name}”: they are {ids}, or 1 to {count}",
        "{lesson} 没有题目“{name}”：题目有 {ids}，也可用 1 到 {count}",
    ),
    "question-near": (
        "{lesson} has no question “{name}”: did you mean {near}?",
        "{lesson} 没有题目“{name}”：是不是 {near}？",
    ),
    "nothing-started": (
        "No lesson is started: gradtutor lesson start NAME",
        "还没有开始任何一课：gradtutor lesson start 名称",
    ),
    "next-lesson": ("Next lesson: {title}", "下一课：{title}"),
    "variant-kept": (
        "{lesson} was started with variant {variant}: reset it first.",
        "{lesson} 已用第 {variant} 套数字开始：请先 reset。",
    ),
    "no-variant": (
        "{lesson} has the variants 1 to {variants}.",
        "{lesson} 有第 1 到第 {variants} 套数字。",
    ),
    "name-one": (
        "Which lesson? Name it, or --all.",
        "哪一课？请写出名称，或用 --all。",
    ),
}


def say(language: str, key: str, **values: Any) -> str:
    """Return a sentence in a language, its blanks filled."""
    texts = WORDS[key]
    shown = {name: _shown(value) for name, value in values.items()}
    return texts[LANGUAGES.index(language)].format(**shown)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return str(value)


def default_language(remembered: str | None, environment: Mapping[str, str]) -> str:
    """Return the language that was chosen last, else the locale's, else English.

    >>> default_language(None, {"LANG": "zh_CN.UTF-8"})
    'zh'
    """
    if remembered in LANGUAGES:
        return str(remembered)
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"
