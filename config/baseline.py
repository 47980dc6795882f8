"""Does every style sheet and script stay within Chromium 109?  The browser that county offices cannot update.

A table of what came later, by the version that brought it; each is looked for in the words of the file, comments and texts left
out.  What only adds to a page that works without it is allowed by name, with its reason.  ``python -m config.baseline [FILE…]``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOOR = 109


@dataclass(frozen=True)
class Feature:
    """Something a later Chromium brought: its name, the version, how it is written, what to do instead."""

    name: str
    since: int
    pattern: str
    instead: str = ""


_CSS = (
    Feature("oklch(), oklab(), lab(), lch(), color()", 111, r"(?<![\w-])(?:oklch|oklab|lab|lch|color)\(", "a colour in hex or rgb()"),
    Feature("color-mix()", 111, r"(?<![\w-])color-mix\(", "the mixed colour itself"),
    Feature("relative colours (rgb(from …))", 119, r"\b(?:rgba?|hsla?)\(\s*from\b"),
    Feature("light-dark()", 123, r"(?<![\w-])light-dark\("),
    Feature("round(), mod(), rem()", 125, r"(?<![\w-])(?:round|mod|rem)\("),
    Feature("sin(), cos(), pow(), sqrt() and their like", 111, r"(?<![\w-])(?:sin|cos|tan|asin|acos|atan2?|pow|sqrt|hypot|log|exp)\("),
    Feature("abs(), sign()", 138, r"(?<![\w-])(?:abs|sign)\("),
    Feature("calc-size(), interpolate-size", 129, r"(?<![\w-])calc-size\(|(?<![\w-])interpolate-size\s*:"),
    Feature("linear() easing", 113, r"(?<![\w-])linear\("),
    Feature("image-set() without prefix", 113, r"(?<![\w-])image-set\("),
    Feature("if() in CSS", 137, r":\s*[^;{}]*(?<![\w-])if\("),
    Feature("@scope", 118, r"@scope\b"),
    Feature("@starting-style", 117, r"@starting-style\b"),
    Feature("@view-transition, view-transition-name", 111, r"@view-transition\b|view-transition-(?:name|class)\s*:"),
    Feature("@position-try, anchor positioning", 125, r"@position-try\b|(?<![\w-])anchor(?:-name|-size)?\s*[:(]|position-anchor\s*:|position-area\s*:"),
    Feature("@function", 139, r"@function\b"),
    Feature("style queries", 111, r"@container[^{]*\bstyle\("),
    Feature("scroll-driven animation", 115, r"(?<![\w-])(?:animation-timeline|animation-range|scroll-timeline|view-timeline)\s*:"),
    Feature("animation-composition", 112, r"(?<![\w-])animation-composition\s*:"),
    Feature("subgrid", 117, r"\bsubgrid\b"),
    Feature("masonry, grid-lanes", 999, r"\b(?:masonry|grid-lanes)\b"),
    Feature("text-wrap", 114, r"(?<![\w-])text-wrap(?:-mode|-style)?\s*:"),
    Feature("white-space-collapse", 114, r"(?<![\w-])white-space-collapse\s*:"),
    Feature("field-sizing", 123, r"(?<![\w-])field-sizing\s*:"),
    Feature("initial-letter", 110, r"(?<![\w-])initial-letter\s*:"),
    Feature("text-box", 133, r"(?<![\w-])text-box(?:-trim|-edge)?\s*:"),
    Feature("mask without prefix", 120, r"(?<![\w-])mask(?:-image|-size|-position|-repeat|-composite|-mode|-origin|-clip)?\s*:"),
    Feature("backdrop of overlay, transition-behavior", 117, r"(?<![\w-])(?:overlay|transition-behavior)\s*:"),
    Feature("font-size-adjust", 127, r"(?<![\w-])font-size-adjust\s*:"),
    Feature("scrollbar-color, scrollbar-width", 121, r"(?<![\w-])scrollbar-(?:color|width)\s*:"),
    Feature(":dir()", 120, r":dir\("),
    Feature(":user-valid, :user-invalid", 119, r":user-(?:in)?valid\b"),
    Feature(":popover-open", 114, r":popover-open\b"),
    Feature(":open", 133, r":open\b"),
    Feature(":state()", 125, r":state\("),
    Feature("::details-content, ::picker()", 131, r"::(?:details-content|picker|checkmark|scroll-button)\b"),
    Feature(":nth-child(… of …)", 111, r":nth-(?:last-)?child\([^)]*\bof\b"),
    Feature("units rlh, rcap, rex, rch, ric", 111, r"(?<![\w.#-])\d*\.?\d+(?:rlh|rcap|rex|rch|ric)\b"),
    Feature("unit cap", 118, r"(?<![\w.#-])\d*\.?\d+cap\b"),
    Feature("@media (prefers-reduced-transparency), (scripting), (update)", 113, r"@media[^{]*\((?:scripting|update|overflow-block|prefers-reduced-transparency|inverted-colors)\b"),
)  # fmt: skip
_JS = (
    Feature("copying array methods", 110, r"\.(?:toSorted|toReversed|toSpliced)\("),
    Feature("Object.groupBy, Map.groupBy", 117, r"\b(?:Object|Map)\.groupBy\b"),
    Feature("Array.fromAsync", 121, r"\bArray\.fromAsync\b"),
    Feature("Promise.withResolvers", 119, r"\bPromise\.withResolvers\b"),
    Feature("Promise.try", 128, r"\bPromise\.try\b"),
    Feature("set methods", 122, r"\.(?:isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(|\bnew Set\([^)]*\)\.(?:union|intersection|difference)\("),
    Feature("iterator helpers", 122, r"\.(?:values|keys|entries)\(\)\.(?:map|filter|take|drop|flatMap|reduce|toArray|forEach|some|every|find)\(|\bIterator\.from\b"),
    Feature("String isWellFormed, toWellFormed", 111, r"\.(?:isWellFormed|toWellFormed)\("),
    Feature("URL.canParse, URL.parse", 120, r"\bURL\.(?:canParse|parse)\b"),
    Feature("AbortSignal.any", 116, r"\bAbortSignal\.any\b"),
    Feature("startViewTransition", 111, r"\.startViewTransition\("),
    Feature("popover methods", 114, r"\.(?:showPopover|hidePopover|togglePopover)\(|\.popover\b"),
    Feature("moveBefore", 133, r"\.moveBefore\("),
    Feature("setHTMLUnsafe, parseHTMLUnsafe, getHTML", 124, r"\.(?:setHTMLUnsafe|parseHTMLUnsafe|getHTML|setHTML)\("),
    Feature("requestClose, closedBy", 134, r"\.requestClose\(|\.closedBy\b"),
    Feature("scrollend", 114, r"""['"]scrollend['"]|\bonscrollend\b"""),
    Feature("import attributes", 123, r"""\bfrom\s*['"][^'"]+['"]\s*with\s*\{"""),
    Feature("regular expressions with v", 112, r"""/[^/\n]+/[dgimsuy]*v[dgimsuy]*(?=[\s.,;)])"""),
    Feature("RegExp.escape", 136, r"\bRegExp\.escape\b"),
    Feature("using declarations", 134, r"^\s*(?:await\s+)?using\s+\w+\s*="),
    Feature("base64 of bytes", 140, r"\.(?:toBase64|setFromBase64|toHex)\(|\bUint8Array\.from(?:Base64|Hex)\b"),
    Feature("Intl.DurationFormat", 129, r"\bIntl\.DurationFormat\b"),
    Feature("ArrayBuffer resize, transfer", 111, r"\.(?:resizable|transferToFixedLength)\b|\.transfer\("),
    Feature("Error.isError, Math.sumPrecise, Float16", 135, r"\bError\.isError\b|\bMath\.(?:sumPrecise|f16round)\b|\bFloat16Array\b"),
    Feature("scheduler.yield", 129, r"\bscheduler\.yield\b"),
    Feature("document picture-in-picture, CloseWatcher", 116, r"\bdocumentPictureInPicture\b|\bCloseWatcher\b"),
)  # fmt: skip
FEATURES: Mapping[str, tuple[Feature, ...]] = {".css": _CSS, ".js": _JS}

# file → feature → why a browser without it is no worse off.
ALLOWED: Mapping[str, Mapping[str, str]] = {
    "static/css/forms.css": {"field-sizing": "a text field grows while one types; without it the field scrolls"},
    "static/css/lists.css": {
        "scrollbar-color, scrollbar-width": "a thinner bar under the tabs; without it the usual one"
    },
    # In packages: what only looks like a later feature.
    "node_modules/@tabler/core/dist/js/tabler.min.js": {"popover methods": "names of classes and of Tabler's own part"},
    "node_modules/echarts/dist/echarts.min.js": {"regular expressions with v": "two divisions"},
    "static/css/paper.css": {"text-wrap": "a title's lines of like length; without it they are broken as they come"},
}


@dataclass(frozen=True)
class Offence:
    """A later feature at a place."""

    path: str
    line: int
    feature: Feature

    def __str__(self) -> str:
        """For the terminal, as compilers say it."""
        instead = f"; use {self.feature.instead}" if self.feature.instead else ""
        return f"{self.path}:{self.line}: {self.feature.name} needs Chromium {self.feature.since}, the floor is {FLOOR}{instead}"


def offences(path: str, text: str, kind: str) -> Iterator[Offence]:
    """Every later feature in ``text``; ``kind``: ``.css`` or ``.js``."""
    plain = _blank(text, kind)
    allowed = ALLOWED.get(path, {})
    for feature in FEATURES[kind]:
        if feature.name in allowed:
            continue
        for match in re.finditer(feature.pattern, plain, re.MULTILINE):
            yield Offence(path, plain.count("\n", 0, match.start()) + 1, feature)
    if kind == ".css":
        yield from (Offence(path, line, NESTING) for line in _nested(plain))


NESTING = Feature("nesting", 120, "", "the whole selector")
# Rules that hold rules; inside every other brace only declarations stand.
_HOLDS = re.compile(
    r"@(?:media|supports|layer|container|keyframes|-webkit-keyframes|document|page|font-feature-values)\b"
)


def _nested(plain: str) -> Iterator[int]:
    """Lines where a rule begins inside a rule of declarations."""
    open_rules: list[bool] = []  # for each open brace: whether it holds rules
    begin = 0
    for place, mark in enumerate(plain):
        if mark == "{":
            if open_rules and not open_rules[-1]:
                yield plain.count("\n", 0, place) + 1
            open_rules.append(bool(_HOLDS.search(plain, begin, place)))
            begin = place + 1
        elif mark in "};":
            if mark == "}" and open_rules:
                open_rules.pop()
            begin = place + 1


def _blank(text: str, kind: str) -> str:
    """``text`` with comments, and for CSS quoted texts and addresses, made blank; lines stay where they are."""
    pattern = r"/\*.*?\*/" if kind == ".css" else r"/\*.*?\*/|(?<![:'\"`\\])//[^\n]*"
    rest = re.sub(pattern, _spaces, text, flags=re.DOTALL)
    if kind == ".css":
        rest = re.sub(r"url\([^)]*\)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", _spaces, rest)
    return rest


def _spaces(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def files() -> list[Path]:
    """Our own style sheets and scripts."""
    return sorted(path for kind in FEATURES for path in (ROOT / "static").glob(f"**/*{kind}"))


def main(names: Iterable[str]) -> int:
    """Look at these files, or at all of ours; the exit status says whether all stay within the floor."""
    paths = [Path(name).resolve() for name in names] or files()
    found = [one for path in paths for one in offences(_name(path), path.read_text(encoding="utf-8"), path.suffix)]
    for one in found:
        print(one)
    return 1 if found else 0


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
