r"""What LaTeX's commands mean: letters, functions, signs, what is only for the eye."""

from __future__ import annotations

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"),
    *("kappa", "mu", "nu", "xi", "omicron", "rho", "sigma", "tau", "upsilon", "phi"),
    *("chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi"),
    *("Psi", "Omega"),
)
#: Names that commands give; lambda is a word of Python's.
NAMES = {name: name for name in GREEK}
NAMES |= {"lambda": "λ", "pi": "pi", "ell": "l", "imath": "i", "jmath": "j"}
NAMES |= {f"var{name}": name for name in ("epsilon", "theta", "rho", "sigma", "phi")}
NAMES |= {"varpi": "pi", "varkappa": "kappa", "hbar": "hbar", "aleph": "aleph"}
FUNCTIONS = {
    *("sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "coth"),
    *("arcsin", "arccos", "arctan", "exp", "log", "ln", "lg", "max", "min", "sgn"),
    *("det",),
}
SIGNS = {
    **dict.fromkeys(("cdot", "times", "ast", "star", "cdotp"), "*"),
    **dict.fromkeys(("odot", "circ", "oast"), "⊙"),
    "otimes": "⊗",
    "oslash": "/",
    **dict.fromkeys(("le", "leq", "leqslant", "leqq"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant", "geqq"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    "lt": "<",
    "gt": ">",
    "div": "/",
    "land": "&",
    "wedge": "&",
    "lor": "∨",
    "vee": "∨",
    "sum": "∑",
    "prod": "∏",
    "langle": "⟨",
    "rangle": "⟩",
    "|": "‖",
    "Vert": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "coloneqq": "=",
    "{": "{",
    "}": "}",
    "lbrace": "{",
    "rbrace": "}",
    "colon": ":",
    **dict.fromkeys(("vert", "mid", "lvert", "rvert"), "|"),
    "sim": "~",
    "in": "∈",
    "mapsto": "↦",
    "nabla": "∇",
    **dict.fromkeys(("to", "rightarrow", "longrightarrow"), "→"),
}
#: Commands with one argument that change how it looks, and keep what it is.
LOOKS = {
    *("mathbf", "boldsymbol", "bm", "mathcal", "mathit", "mathsf", "mathtt"),
    *("mathfrak", "mathbb", "mathscr", "vec", "pmb", "displaystyle", "ensuremath"),
    *("overbrace", "underbrace", "boxed", "mathnormal"),
}
#: Commands with one argument that is a word.
WORDS = {"mathrm", "operatorname", "text", "textrm", "textbf", "textit", "mbox"}
#: Accents, and what they add to the name.
ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
    "breve": "breve",
    "acute": "acute",
    "grave": "grave",
}
FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"}
#: Commands with one argument that are no mathematics.
DROPPED = {"tag", "label"}
SKIPPED = {
    *(",", ";", ":", "!", " ", ">", "quad", "qquad", "thinspace", "displaystyle"),
    *("textstyle", "limits", "nolimits", "hfill", "nonumber", "notag", "big", "Big"),
    *("bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl"),
    *("Biggr", "middle", "hspace", "mathstrut", "par", "rm", "bf", "it", "enspace"),
}
TRANSPOSED = {"top", "intercal", "transpose", "mathsf T", "prime"}
#: What \left opens and \right closes: a function's name, and its bracket.
OPENINGS = {
    "(": ("", "("),
    "[": ("", "("),
    "{": ("", "{"),
    "|": ("abs", "("),
    "lvert": ("abs", "("),
    "vert": ("abs", "("),
    "lfloor": ("floor", "("),
    "lceil": ("ceil", "("),
    "langle": ("", "⟨"),
    "Vert": ("", "‖"),
    "lVert": ("", "‖"),
    "\\|": ("", "‖"),
    ".": ("", "("),
    "lbrace": ("", "{"),
}
CLOSINGS = {
    ")": ")",
    "]": ")",
    "}": "}",
    "|": ")",
    "rvert": ")",
    "vert": ")",
    "rfloor": ")",
    "rceil": ")",
    "rangle": "⟩",
    "Vert": "‖",
    "rVert": "‖",
    "\\|": "‖",
    ".": ")",
    "rbrace": "}",
}
