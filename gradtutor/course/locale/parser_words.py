"""The parser's messages in Chinese: a table of sentences with blanks.

>>> print(in_chinese("line 1, column 3: there is no gate 'sn'"))
第 1 行第 3 列：没有名为 'sn' 的函数
>>> in_chinese("did you mean sin?")
'是不是 sin？'
"""

from __future__ import annotations

import re
from functools import cache

#: What the parser says, and the same in Chinese; blanks are in braces.
SENTENCES = {
    # ---- what is wrong: the text ----
    "there is no formula": "没有公式",
    "only declarations: there is no formula": "只有声明，没有公式",
    "this is not a formula": "这不是公式",
    "an operator is missing here": "这里缺少运算符",
    "an operator or a comma is missing here": "这里缺少运算符或逗号",
    "only a name can stand before =": "等号左边只能是一个名字",
    "{word} is a reserved word": "{word} 是保留字",
    "LaTeX is not read": "不能读取 LaTeX",
    "{sign} was never closed": "{sign} 没有配对的右括号",
    "unmatched {sign}": "{sign} 没有配对的左括号",
    "closing parenthesis {close} does not match opening parenthesis {open}": (
        "右括号 {close} 与左括号 {open} 不配对"
    ),
    "invalid character {sign}": "不能使用字符 {sign}",
    "invalid non-printable character {sign}": "有不可见字符 {sign}",
    "invalid decimal literal": "数字写得不对",
    "unterminated string literal ({place})": "引号没有配对",
    "expected 'else' after 'if' expression": "if 之后缺少 else",
    "unexpected indent": "行首不能有空格",
    # ---- what is wrong: its parts ----
    "{number} is two numbers here": "{number} 在这里是两个数",
    "compare two values at a time": "一次只能比较两个值",
    "and/or are not in the language": "不能用 and 和 or",
    "indexing is not in the language": "不能用下标",
    "text has no place in a formula": "公式里不能有文字",
    "{number} is not a real number": "{number} 不是实数",
    "the operator {name} is not in the language": "不能用运算符 {name}",
    "a list is not a formula": "列表不是公式",
    "{name} is not in the language": "不能用 {name}",
    "only gates can be called": "只有函数名后面可以加括号",
    "there is no gate {name}": "没有名为 {name} 的函数",
    "{name} takes {count} argument, not {given}": (
        "{name} 要 {count} 个参数，不是 {given} 个"
    ),
    "{name} takes {low} to {high} arguments, not {given}": (
        "{name} 要 {low} 到 {high} 个参数，不是 {given} 个"
    ),
    "{name} takes {count} arguments, not {given}": (
        "{name} 要 {count} 个参数，不是 {given} 个"
    ),
    "{name} takes no keyword arguments": "{name} 不接受带名字的参数",
    "{name} has no keyword {word}": "{name} 没有参数 {word}",
    "this keyword is True or False": "这个参数是 True 或 False",
    "this keyword is a number": "这个参数是一个数",
    "an axis is a whole number or a tuple of them": "轴是整数，或一组整数",
    "the rows of this list differ in length": "列表各行的长度不同",
    "a size is a name or a positive whole number": "大小是名字或正整数",
    "{name} is declared after its first use": "{name} 在使用之后才声明",
    "{name} is used before this line gives it a meaning": (
        "{name} 在这一行定义之前就用到了"
    ),
    "the exponent is larger than {limit}": "指数大于 {limit}",
    "this number is too large for float64": "这个数超出了 float64 的范围",
    "a number with thousands of digits": "这个数有上千位数字",
    "the expression nests more than {limit} levels deep": "表达式嵌套超过 {limit} 层",
    "brackets nest more than {limit} levels deep": "括号嵌套超过 {limit} 层",
    "a raised digit is not read": "不能读取上标数字",
    "bars are not read": "不能读取竖线",
    "the argument of {name} needs brackets": "{name} 的自变量要加括号",
    "a semicolon cannot stand here": "这里不能用分号",
    "the text has {count} characters; the limit is {limit}": (
        "文本有 {count} 个字符，上限是 {limit}"
    ),
    "{name} is no variable of this question": "{name} 不是这道题的变量",
    "this must be one number": "这里应当是一个数",
    # ---- what is wrong: notation ----
    "{text} has two readings": "{text} 有两种读法",
    "{name} is not read": "不能读取 {name}",
    "the sign {sign} is not read": "不能读取符号 {sign}",
    "the norm {kind} is not read": "不能读取范数 {kind}",
    "the environment {name} is not read": "不能读取环境 {name}",
    "this LaTeX has a group or a command that is never closed": (
        "这段 LaTeX 中有没有配对的括号或命令"
    ),
    "this LaTeX nests too deep": "这段 LaTeX 嵌套太深",
    "{name} is what diff works out": "{name} 由 diff 来计算",
    "the word {name} is not read": "不能读取单词 {name}",
    "a text of more than {limit} characters is read as Python": (
        "超过 {limit} 个字符的文本按 Python 读取"
    ),
    "an axis or an index is a whole number, an axis perhaps a tuple of them": (
        "轴或下标是整数，轴也可以是一组整数"
    ),
    "an inner product has two parts": "内积有两个部分",
    "a value is missing before otherwise": "otherwise 之前缺少一个值",
    "the arguments of {name} need brackets": "{name} 的自变量要加括号",
    "nothing is raised or lowered here": "这里没有可以加上标或下标的东西",
    "an index stands behind a name": "下标要写在名字后面",
    "a fraction needs two parts": "分数要有两个部分",
    "an else is missing": "缺少 else",
    "this quote is never closed": "引号没有配对",
    "the index {name} has no value of its own here": "下标 {name} 在这里没有自己的值",
    "a sum from {start} to {stop}: 1 to {limit} terms are written out": (
        "从 {start} 到 {stop} 的求和：只展开 1 到 {limit} 项"
    ),
    # ---- what is wrong: shapes ----
    "{gate}: {rest}": "{gate}：{rest}",
    "shapes {a} and {b} do not broadcast": "形状 {a} 与 {b} 不能广播",
    "{a} @ {b}: inner sizes {m} and {n} differ": "{a} @ {b}：内侧大小 {m} 与 {n} 不同",
    "axis {axis} is outside a tensor of {rank} dimension(s)": (
        "张量只有 {rank} 维，没有轴 {axis}"
    ),
    # ---- what to do ----
    "did you mean {name}?": "是不是 {name}？",
    "write {first} or {second}": "请写 {first} 或 {second}",
    "write the function alone, and --wrt x": "只写函数本身，并加上 --wrt x",
    "write the function alone": "只写函数本身",
    "write the function alone: {why}": "只写函数本身：{why}",
    "write {name} itself, as in {example}": "写 {name} 本身，例如 {example}",
    "write it as a line of text": "请写成一行文字",
    "give the sum numbers as bounds, or name a vector for it": (
        "求和的上下限请写数字，或为它给出一个向量"
    ),
    "write a product with *: {example}": "乘法要写 *：{example}",
    "a product needs its sign: {example}": "乘法要写乘号：{example}",
    "an operator or operand is missing or one too many": "缺少或多出了运算符或运算数",
    "only letters, digits, + - * / ^ @ ( ) and comparisons": (
        "只能用字母、数字、+ - * / ^ @ ( ) 和比较符号"
    ),
    "choose another name, such as {name}": "请换一个名字，例如 {name}",
    "write the decimal point as a point: {number}": "小数点请写成英文句点：{number}",
    "write {number}, or a list in brackets: {list}": (
        "请写 {number}；列表要加方括号：{list}"
    ),
    "write {formula}: its inputs are found by themselves": (
        "请写 {formula}：自变量会自动找出"
    ),
    "as in {example}": "例如 {example}",
    "write it as a line of text: {example}": "请写成一行文字：{example}",
    "write a matrix as a list of rows: {list}": "矩阵写成各行的列表：{list}",
    "write cases as {formula}": "分段函数写成 {formula}",
    "write {latex} as {formula}": "{latex} 写成 {formula}",
    "leave out the backslash: {name}": "去掉反斜杠：{name}",
    "a line is a formula, name = formula, or name: (shape)": (
        "每行是公式、名字 = 公式，或 名字: (形状)"
    ),
    "it takes a tensor: {list} on a line above, then {call}": (
        "它要一个张量：先写一行 {list}，再写 {call}"
    ),
    "it has {names}": "它有 {names}",
    "use exp(n*log(x)) instead": "请改用 exp(n*log(x))",
    "write it as 1e300": "请写成 1e300",
    "write a power with ^: {example}": "乘方要写 ^：{example}",
    "write {call}": "请写 {call}",
    "leave the dollar signs out": "去掉美元符号",
    "write {call} with a comma": "请用逗号：{call}",
    "name parts of it on lines of their own: {example}": (
        "把其中几部分各写一行：{example}"
    ),
    "split it into smaller formulas": "请拆成较短的公式",
    "nest them: {example}": "请嵌套：{example}",
    "nest where(c, a, b)": "请嵌套 where(c, a, b)",
    "give each part a name": "给每一部分起一个名字",
    "a name needs no quotes": "名字不要加引号",
    "use + - * / ^ @": "请用 + - * / ^ @",
    "only .T, the transpose, is": "只有转置 .T 可以",
    "give it a name: {example}": "给它起一个名字：{example}",
    "write plain formulas": "请写普通的公式",
    "declare it above": "请在前面声明",
    "move this line up": "请把这一行往上移",
    "use numbers only": "只能用数字",
    "use {names}": "请用 {names}",
}
PLACE = re.compile(r"line (\d+), column (\d+): (.*)")


def in_chinese(text: str) -> str:
    """Translate what the parser says; the line of the formula and the caret stay.

    A sentence that the table lacks stays as it is.
    """
    return "\n".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    if line.startswith("  "):
        return line
    place = PLACE.fullmatch(line)
    if place:
        return f"第 {place[1]} 行第 {place[2]} 列：{_sentence(place[3])}"
    return _sentence(line)


def _sentence(text: str) -> str:
    for pattern, chinese in _patterns():
        match = pattern.fullmatch(text)
        if match:
            blanks = match.groupdict()
            if "rest" in blanks:
                blanks["rest"] = _sentence(blanks["rest"])
            return chinese.format(**blanks)
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences as patterns, those with more words of their own first."""
    ordered = sorted(SENTENCES.items(), key=_own_words, reverse=True)
    return [
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(english))), zh)
        for english, zh in ordered
    ]


def _own_words(pair: tuple[str, str]) -> int:
    return len(re.sub(r"\{\w+\}", "", pair[0]))
