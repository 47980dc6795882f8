"""Does the lint hold our style sheets and scripts to Chromium 109?  Offenders are caught, what is fine is left alone."""

from __future__ import annotations

import pytest

from config import baseline, floor
from config.embedded import ROOT
from config.statics import VENDOR_FILES

OFFENDERS = {
    "a.css": [
        ".a { color: oklch(40% 0.2 30); }", ".a { color: color-mix(in srgb, red, blue); }", ".a { color: light-dark(#000, #fff); }",
        ".a { .b { color: red; } }", ".a { color: red; &:hover { color: blue; } }", "@media print { .a { .b { top: 0; } } }",
        ".a { text-wrap: balance; }", "@scope (.a) { p { top: 0; } }", ".a { grid-template-rows: subgrid; }", "p:user-invalid { top: 0; }",
        ".a { @media print { top: 0; } }", "li:nth-child(2 of .b) { top: 0; }", ".a { width: round(1px, 2px); }", ".a { mask: none; }",
        ".a { background: rgb(from red r g b); }", "@starting-style { .a { top: 0; } }", ".a { color: lab(50% 40 59); }",
    ],
    "a.js": [
        "const b = a.toSorted();", "Object.groupBy(rows, (row) => row.kind);", "document.startViewTransition(go);", "URL.canParse(text)",
        "panel.showPopover();", "import data from './a.json' with { type: 'json' };", "const { promise } = Promise.withResolvers();",
        "new Set(a).union(b);", "map.values().map((one) => one);", "AbortSignal.any([a, b])", "element.addEventListener('scrollend', go);",
    ],
}  # fmt: skip
FINE = {
    "a.css": [
        "/* oklch() and nesting are not for us */ .a { color: #333; }", ".a:has(> .b), .a:is(.c, .d) { inset: 0; }",
        "@media (min-width: 40rem) { .a { gap: 1rem; } .b { top: 0; } }", "@layer vendor; @supports (gap: 1px) { .a { top: 0; } }",
        ".a::before { content: 'color-mix( light-dark( {'; }", "@container (width > 20rem) { .a { aspect-ratio: 1; } }",
        ".a { background-color: rgb(0 0 0 / 20%); -webkit-mask: none; accent-color: red; height: 100dvh; }",
        "@keyframes k { from { top: 0; } to { top: 1px; } } .a { -webkit-mask-image: none; }", ".a { background: url(a.svg?color(1)); }",
    ],
    "a.js": [
        "const last = rows.at(-1) ?? rows.findLast((row) => row.open);", "// rows.toSorted() came later\nstructuredClone(rows);",
        "const a = b?.c; a ||= 1; Object.hasOwn(a, 'x'); text.replaceAll('a', 'b');", "const seen = new Set(rows); seen.has(1);",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in OFFENDERS.items() for text in texts])
def test_an_offender_is_caught_at_its_line(name: str, text: str) -> None:
    found = list(baseline.offences(name, f"\n\n{text}", name[1:]))
    assert found and {one.line for one in found} == {3}
    assert "the floor is 109" in str(found[0])


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FINE.items() for text in texts])
def test_what_chromium_109_knows_is_left_alone(name: str, text: str) -> None:
    assert list(baseline.offences(name, text, name[1:])) == []


def test_ours_stay_within_the_floor_and_no_exception_is_left_over() -> None:
    assert baseline.main([]) == 0
    names = {str(path.relative_to(ROOT)) for path in baseline.files()}
    assert {"static/css/forms.css", "static/js/office.js"} <= names
    for path, allowed in baseline.ALLOWED.items():
        kind = path[path.rindex(".") :]
        text = baseline._blank((ROOT / path).read_text(), kind)
        for name in allowed:
            feature = next(one for one in baseline.FEATURES[kind] if one.name == name)
            assert baseline.re.search(feature.pattern, text), f"{path} has no {name} any more: drop the exception"


def test_our_sheets_lean_on_no_variable_of_the_packages_that_an_old_browser_cannot_compute() -> None:
    for path in (ROOT / "static" / "css").glob("*.css"):
        assert "var(--tblr" not in path.read_text(), path.name


# What Chromium 109 makes of a declaration: it drops those that it does not know, and keeps custom properties of any value.
LOWERED = {
    ".a{color:red;background:color-mix(in srgb,red,blue);top:0}": ".a{color:red;;top:0}",
    ".a{color:light-dark(#000,#fff)}.b{top:0}": ".a{}.b{top:0}",
    ":root{--c:oklch(40% .2 30);--d:#fff}.a{color:var(--c,red)}": ":root{--c:later();--d:#fff}.a{color:var(--c,red)}",
    "@media print{.a{-webkit-mask:none;mask:none}}": "@media print{.a{-webkit-mask:none;}}",
    '.a{background:url("data:;color-mix(}");left:0}': '.a{background:url("data:;color-mix(}");left:0}',
    ".a::before{content:'{;color-mix('}/* light-dark( */": ".a::before{content:'{;color-mix('}/* light-dark( */",
}


@pytest.mark.parametrize(("sheet", "left"), LOWERED.items())
def test_a_later_declaration_is_left_out_for_everybody(sheet: str, left: str) -> None:
    assert floor.lowered(sheet) == left


@pytest.mark.parametrize("name", VENDOR_FILES.values())
def test_what_is_served_of_the_packages_stays_within_the_floor_too(name: str) -> None:
    path = ROOT / "node_modules" / name
    assert not list(baseline.offences(f"node_modules/{name}", path.read_text(encoding="utf-8"), path.suffix))
    if name in floor.SHEETS:
        source = (path.parents[1] / floor.SHEETS[name]).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == floor.lowered(source), "make install writes it anew"
