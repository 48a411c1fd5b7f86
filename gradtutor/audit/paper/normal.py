r"""Derivations as people write them, in the notation that is read; lines stay lines.

>>> normal(r"\frac{\partial L}{\partial w^{[1]}} &= 2x \\")
'∂L/∂w1  = 2x'
>>> normal("d^2f/dx^2 = 6x"), normal("d/dx (x^3) = 3x^2")
('dd__f__x__x= 6x', 'part_1 = x^3 ⇒ dpart_1/dx = 3x^2')
"""

from __future__ import annotations

import re
import unicodedata

GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "rho",
    "sigma",
    "tau",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Delta",
    "Sigma",
    "Omega",
    "Phi",
    "Theta",
]
FUNCTIONS = {"ln", "log", "exp", "sin", "cos", "tan", "max", "min", "abs", "mu", "nu"}
FUNCTIONS |= {"xi", "pi", "rho", "phi", "psi", "tau", "eta", "chi", "sum", "and", "so"}
#: What LaTeX needs for its looks alone.
LOOKS = re.compile(
    r"\\(?:begin|end)\{[a-z]+\*?\}(?:\{[^}]*\})?|\\(?:left|right|displaystyle|big|Big)\b|"
    r"\\[,;!:]|\\q?quad\b|\\\[|\\\]|\\\(|\\\)|\\nonumber|\\notag|\\(?:tag|label)\{[^}]*\}|"
    r"\\(?:text|mathrm|textrm|textbf|mbox)\{(?!d\})[^}]*\}"
)
#: A letter with a mark above it, or in another type: \\hat{y}, \\mathbf{x}.
MARKED = re.compile(
    r"\\(?P<mark>hat|bar|tilde|vec)\s*(?:\{(?P<name>\w+)\}|(?P<one>\w))"
)
TYPED = re.compile(r"\\(?:mathbf|boldsymbol|bm|mathcal|mathit)\s*\{(?P<name>\w+)\}")
#: w^{[1]}, W^[1], x^{(i)}; x^(2) is a power.
LAYER = re.compile(
    r"(?P<name>[^\W\d_])(?:[\^_]\{?\s*\[(?P<layer>\w+)\]\s*\}?|"
    r"\^\{\s*\((?P<round>\d|[il])\)\s*\})"
)
LAST = re.compile(r"(?P<name>[^\W\d_])\^(?:\{\s*L\s*(?:-\s*(?P<less>\d))?\s*\}|L\b)")
BRACED = re.compile(r"(?P<name>[^\W\d_]\w*)_\{(?P<index>\w+)\}")
NAME = r"[^\W\d_]\w*"
D = r"(?:\\partial|\\mathrm\{d\}|\\mathrm d|[d∂])"
FRACTION = re.compile(
    rf"\\[dt]?frac\s*\{{\s*{D}\s*(?P<top>{NAME})\s*\}}\s*\{{\s*{D}\s*(?P<below>{NAME})\s*\}}"
)
TWO = r"(?:\^\s*\{?\s*2\s*\}?|²|2)"
SECOND = re.compile(
    rf"(?<![\w\\]){D}{TWO}\s*(?P<top>{NAME}?)\s*/\s*\(?\s*(?:"
    rf"{D}\s*(?P<one>[^\W\d_]\w*?)\s*{TWO}|"
    rf"{D}\s*(?P<first>[^\W\d_]\w*?)\s*{D}\s*(?P<other>{NAME}))\s*\)?(?!\w)"
)
SECOND_FRACTION = re.compile(
    rf"\\[dt]?frac\s*\{{\s*{D}\s*{TWO}\s*(?P<top>{NAME})\s*\}}\s*\{{\s*(?:"
    rf"{D}\s*(?P<one>[^\W\d_]\w*?)\s*{TWO}|"
    rf"{D}\s*(?P<first>[^\W\d_]\w*?)\s*{D}\s*(?P<other>{NAME}))\s*\}}"
)
PRIMES = re.compile(
    r"(?<![\w.])(?P<top>[^\W\d_]\w*)(?:''|′′|″|’’)\s*(?:\(\s*(?P<below>[^\W\d_]\w*)\s*\))?"
)
GRADIENT = re.compile(
    rf"(?:∇|\\nabla)\s*(?:_\s*\{{?\s*(?P<below>{NAME})\s*\}}?\s*)?(?P<top>{NAME})"
)
ANONYMOUS = re.compile(
    rf"^(?P<before>.*?){D}\s*/\s*{D}(?P<below>[^\W\d_])\s*"
    r"(?:\((?P<round>.*)\)|\[(?P<square>.*)\])\s*=(?P<after>.*)$"
)
OPERATED = re.compile(
    r"^(?P<before>.*?)\(\s*(?P<round>[^()=]*)\s*\)['′]\s*=(?P<after>.*)$"
)
SHORT = re.compile(
    r"(?<![\w.])(?P<top>[^\W\d_])_(?P<one>[^\W\d_])(?P<two>[^\W\d_])(?!\w)"
)
TAIL = re.compile(r"\s*[\u3000-\u303f\uff00-\uffef\u4e00-\u9fff].*$")
SENTENCE = re.compile(
    r"[.,]?\s+(?:and|so|then|hence|thus|therefore|where|with)\s*$|\.\s+[A-Z]\w+\s*$",
    re.IGNORECASE,
)
SECOND_NAME = re.compile(r"dd__(?P<top>\w+?)__(?P<one>\w+?)__(?P<two>\w+)")


def normal(text: str) -> str:
    """Return a text with a line for each of its lines."""
    text = "".join(_half_width(sign) for sign in text)
    layered = not re.search(r"(?<![\w^{])L\s*=(?!=)|(?<![\w^{])L\s*\(", text)
    lines = [_plain(line, layered=layered) for line in text.split("\n")]
    lines = [_math(_dotted(line)) for line in lines]
    lines = [_anonymous(line, number) for number, line in enumerate(lines, 1)]
    known = _defined("\n".join(lines))
    lines = [_without_braces(_derivatives(line, known)) for line in lines]
    return _split("\n".join(_with_aliases(lines)), known)


def _half_width(sign: str) -> str:
    """Return （ as (, as a Chinese keyboard has it; signs between words stay."""
    wide = "\uff01" <= sign <= "\uff5e" and sign not in "，；：！？"
    return unicodedata.normalize("NFKC", sign) if wide else sign


def _without_braces(line: str) -> str:
    """Write fractions, roots, exponents and functions of LaTeX plainly."""
    before = ""
    while before != line:
        before = line
        line = re.sub(
            r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))", line
        )
        line = re.sub(r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", line)
        line = re.sub(r"\^\s*\{([^{}]*)\}", r"^(\1)", line)
    functions = r"\\(ln|log|exp|sin|cos|tan|tanh|max|min)(?![a-zA-Z])"
    return re.sub(functions, r"\1", line)


def _defined(text: str) -> set[str]:
    """Return the names that some line gives a meaning."""
    return set(re.findall(rf"(?:^|[\s,;⇒])({NAME})\s*(?:\([^()]*\))?\s*=", text))


def _dotted(line: str) -> str:
    """Write ẋ as x'."""
    parts = (
        unicodedata.normalize("NFD", line)
        if "\u0307" in (unicodedata.normalize("NFD", line))
        else line
    )
    return parts.replace("\u0307", "'")


def _split(text: str, known: set[str]) -> str:
    """Write ``wx`` as ``w*x`` where w and x are names of their own, and wx is none."""
    words = re.findall(r"(?<![\w.\\])[d∂]?([^\W\d_])(?![\w])", text)
    letters = set(words)

    def product(match: re.Match[str]) -> str:
        word = match[0]
        if word in known or word in FUNCTIONS or not set(word) <= letters:
            return word
        return "*".join(word)

    return re.sub(r"(?<![A-Za-z_.\\∂])[a-zA-Z]{2,3}(?![\w(])", product, text)


def _plain(line: str, *, layered: bool) -> str:
    """Take out what is only looks; write w^{[1]} as w1."""
    line = TYPED.sub(lambda m: m["name"], line)
    line = MARKED.sub(lambda m: f"{m['name'] or m['one']}{m['mark']}", line)
    line = LOOKS.sub(" ", line)
    line = re.sub(r"\\\\\s*(?:\[[^\]]*\])?\s*$", "", line).replace("&", " ")
    line = re.sub(r"\\cdot\b|\\times\b|·(?=\s*[\d(\\])", "*", line)
    line = LAYER.sub(lambda m: m["name"] + (m["layer"] or m["round"]), line)
    if layered:
        line = LAST.sub(
            lambda m: f"{m['name']}L" + (f"m{m['less']}" if m["less"] else ""), line
        )
    line = BRACED.sub(lambda m: f"{m['name']}_{m['index']}", line)
    line = re.sub(r"([^\W\d_]\d) +(?=\(?[^\W\d_]\d\b)", r"\1 * ", line)
    for name in GREEK:
        line = re.sub(rf"\\{name}(?![a-zA-Z])", name, line)
    return re.sub(r"[ \t]+", " ", line).strip()


def _math(line: str) -> str:
    """Keep the mathematics of a line of words; cut words off its end."""
    inside = re.findall(r"\$+([^$]+)\$+", line)
    if (
        inside
        and "=" in "".join(inside)
        and "=" not in re.sub(r"\$+[^$]+\$+", "", line)
    ):
        line = " ⇒ ".join(part.strip().rstrip(".,;") for part in inside if "=" in part)
    cut = line.find("=")
    if cut >= 0:
        head, tail = line[: cut + 1], line[cut + 1 :]
        if not re.search(r"[\u4e00-\u9fff，；].*=", tail):
            tail = TAIL.sub("", tail)
        line = head + SENTENCE.sub("", tail)
    return line


def _anonymous(line: str, number: int) -> str:
    """Give a name to what is differentiated without one: d/dx (x^3), (x^3)'."""
    match = ANONYMOUS.match(line)
    below = match["below"] if match else ""
    if match is None:
        match = OPERATED.match(line)
    if match is None:
        return line
    inner = match["round"] or match.groupdict().get("square") or ""
    if re.fullmatch(rf"\s*{NAME}\s*", inner) or not inner.strip():
        return line
    name = f"part_{number}"
    if not below:
        letters = [n for n in re.findall(r"[^\W\d_]\w*", inner) if len(n) == 1]
        below = "x" if "x" in letters or not letters else letters[0]
    return f"{name} = {inner.strip()} ⇒ d{name}/d{below} ={match['after']}"


def _derivatives(line: str, known: set[str]) -> str:
    """Write fractions as df/dx, second derivatives as names, ∇f as a derivative."""
    line = SECOND_FRACTION.sub(_second, line)
    line = SECOND.sub(_second, line)
    line = PRIMES.sub(
        lambda m: _second_name(m["top"], m["below"] or "x", m["below"] or "x"), line
    )
    line = SHORT.sub(lambda m: _short(m, known), line)
    fractions = FRACTION.search(line)
    line = FRACTION.sub(lambda m: f" ∂{m['top']}/∂{m['below']} ", line)
    line = GRADIENT.sub(_gradient, line)
    if "∂" not in line or not fractions:
        return line.strip()
    left, equals, right = line.partition("=")
    right = re.sub(rf"(∂{NAME}/∂{NAME}) +(?=[∂\w(])", r"\1 * ", right)
    right = re.sub(rf"(?<=[\w)]) +(?=∂{NAME}/∂{NAME})", " * ", right)
    return f"{left}{equals}{right}".strip()


def _second(match: re.Match[str]) -> str:
    one = match["one"] or match["first"]
    return _second_name(match["top"], one, match["one"] or match["other"])


def _second_name(top: str, one: str, two: str) -> str:
    return f"dd__{top}__{one}__{two}"


def _short(match: re.Match[str], known: set[str]) -> str:
    """Read f_xx where f is defined and f_xx is not."""
    claimed = re.match(r"\s*=(?!=)", match.string[match.end() :])
    if match["top"] not in known or not claimed:
        return match[0]
    return _second_name(match["top"], match["one"], match["two"])


def _gradient(match: re.Match[str]) -> str:
    top, below = match["top"], match["below"]
    return f"∂{top}/∂{below}" if below else f"{top}'"


def _with_aliases(lines: list[str]) -> list[str]:
    """Take ``δ = dL/dz = ...`` as a claim, and δ after it as that derivative."""
    alias: dict[str, str] = {}
    done = []
    for line in lines:
        for name, derivative in alias.items():
            line = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", derivative, line)
        match = re.match(
            rf"\s*(?P<name>{NAME})\s*=\s*(?P<of>[d∂]{NAME}\s*/\s*[d∂]{NAME})\s*(?P<rest>=.*)?$",
            line,
        )
        if match and "/" not in match["name"]:
            alias[match["name"]] = match["of"]
            line = f"{match['of']} {match['rest']}" if match["rest"] else ""
        done.append(line)
    return done
