"""The broken files: which lines of each are at fault, and what the sentence about it has to name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOUND = Path(__file__).parent / "sound"
FORMATS_TOO = Path(__file__).parent / "formats"
"""Sound files that need media beside them."""
BROKEN = Path(__file__).parent / "broken"


@dataclass(frozen=True)
class Place:
    """One problem that must be told: its line, words of the sentence, and the file if it is not the broken one."""

    line: int
    names: tuple[str, ...]
    path: str = ""


@dataclass(frozen=True)
class Fault:
    """A broken file and its problems; `content` where the bytes matter, `replaces` a sound file of that name."""

    name: str
    places: tuple[Place, ...]
    content: bytes | None = None
    replaces: str = ""

    @property
    def file(self) -> str:
        return f"{self.name}.yaml"

    @property
    def expected(self) -> list[tuple[str, int]]:
        """(file, line) of each problem, in order."""
        return sorted((place.path or self.file, place.line) for place in self.places)


def one(name: str, line: int, *names: str, path: str = "", content: bytes | None = None) -> Fault:
    """A file with one problem."""
    return Fault(name, (Place(line, names, path),), content)


def item_file(name: str, *lines: str, stem: str = "Why?") -> bytes:
    """An item file with one draft, its stem in line 7 and further lines from line 12 on."""
    return "\n".join(
        [
            "discipline: TEST",
            "area: first-area",
            "items:",
            f"  - id: {name}",
            "    topic: 1.A.1",
            "    format: single",
            f"    stem: {stem}",
            "    options: [{id: a, text: One}, {id: b, text: Two}]",
            "    key: a",
            "    rationale: Because.",
            "    status: draft",
            *(f"    {line}" for line in lines),
            "",
        ]
    ).encode()


ITEMS = (
    one("unknown-topic", 5, "'1.A.9'", "TEST content specification"),
    one("topic-of-another-area", 11, "'2.A.1'", "'second-area'", "'first-area'"),
    one("key-is-no-option", 11, "'d'", "a, b"),
    one("duplicate-id", 20, "'twice-here'", "line 4"),
    one("duplicate-id-across-files", 13, "'second-002'", "duplicate-id-across-files.yaml, line 5", path="second.yaml"),
    one("missing-alt", 12, "'alt' is missing"),
    one("blank-alt", 14, "'alt'", "empty"),
    one("missing-image", 14, "'dose-report.png'", "media/"),
    one("image-outside", 14, "'../media/dot.png'"),
    one("unknown-enemy", 14, "'nobody-001'"),
    one("own-enemy", 12, "'own-enemy'", "itself"),
    one("stem-is-a-number", 8, "'stem'", "42", "text"),
    one("status-no", 11, "'status'", "'no'", "'draft', 'pilot', 'active' or 'retired'"),
    one("capital-id", 5, "'Capital_Id'"),
    one("unknown-discipline", 2, "'TEXT'", "TEST"),
    one("unknown-area", 3, "'frist-area'", "first-area, second-area"),
    one("items-not-a-list", 3, "'items'", "list"),
    one("item-is-text", 4, "mapping", "id:"),
    one("missing-key", 12, "'key' is missing"),
    one("unknown-key", 11, "'refrences'"),
    one("duplicate-option", 12, "'b'", "twice"),
    one("not-a-number", 14, "'b'", "nan"),
    Fault("no-items-key", (Place(2, ("'discipline' is missing",)), Place(2, ("'items' is missing",)))),
    Fault("option-without-text", (Place(10, ("'text' is missing",)), Place(12, ("'text' is empty",)))),
    Fault(
        "short-area",
        (
            Place(4, ("'second-area'", "0 pilot", "takes 1")),
            Place(4, ("'second-area'", "1 active", "takes 2")),
        ),
        replaces="second.yaml",
    ),
)

FORMATS = (
    one("unknown-format", 6, "'essay'", "'single', 'multiple', 'sorted', 'hotspot', 'number'"),
    Fault("hotspot-as-spot", (Place(4, ("'status' is missing",)), Place(6, ("'spot'",)))),
    one("multiple-too-few", 8, "'options'", "at least 4"),
    one("multiple-too-many", 8, "'options'", "at most 10"),
    one("multiple-key-no-option", 9, "'e'", "a, b, c, d"),
    one("multiple-key-twice", 9, "the key names an option twice"),
    one("multiple-key-is-text", 9, "'key' must be a list", "'a'"),
    one("multiple-key-empty", 9, "'key'", "at least 1"),
    one("multiple-scoring", 10, "'scoring' is 'half'", "'all' or 'partial'"),
    one("single-scoring", 10, "'scoring'", "not a key"),
    one("sorted-key-short", 9, "the key must name every entry once, in order"),
    one("sorted-key-twice", 9, "the key must name every entry once, in order"),
    one("sorted-too-few", 8, "'options'", "at least 4"),
    one("sorted-too-many", 8, "'options'", "at most 8"),
    one("hotspot-no-target", 4, "'target' is missing"),
    one("hotspot-no-region", 11, "'key'", "at least 1"),
    one("hotspot-beyond", 13, "reaches beyond the image", "100 by 80 pixels"),
    one("hotspot-before", 12, "reaches beyond the image", "100 by 80 pixels"),
    one("hotspot-unknown-shape", 12, "'shape' is 'star'", "'circle', 'rectangle', 'polygon'"),
    one("hotspot-no-shape", 12, "'shape' is missing"),
    one("hotspot-radius", 12, "'radius' is 0", "greater than or equal to 1"),
    one("hotspot-two-points", 13, "'points'", "at least 3"),
    one("hotspot-options", 11, "'options' is not for this format"),
    one("hotspot-drawing", 10, "'drawing.svg'", "PNG, JPEG or WebP"),
    one("hotspot-missing-image", 10, "'nothing.png'", "media/"),
    one("number-no-value", 9, "'value' is missing"),
    one("number-words", 8, "'value' is 'twelve'"),
    one("number-tolerance", 10, "'tolerance' is -0.01", "greater than or equal to 0"),
    one("number-too-long", 8, "too many digits"),
    one("number-options", 8, "'options' is not for this format"),
)

EXHIBITS = (
    one("image-no-image", 12, "'text.png' is not what its name says"),
    one("video-no-captions", 10, "'captions' is missing"),
    one("video-missing", 12, "'gone.webm'", "media/"),
    one("video-no-video", 14, "'text.webm' is not what its name says"),
    one("captions-no-captions", 13, "'text.vtt' is not what its name says"),
    one("video-as-image", 12, "'moving.webm'", "png|jpg|jpeg|webp|svg"),
    one("table-no-caption", 10, "'caption' is missing"),
    one("exhibit-is-text", 10, "'exhibit' must be a list", "'dot.png'"),
    one("exhibit-html", 13, "'description' has raw HTML (<b>)"),
    one("target-html", 11, "'description' has raw HTML (<i>)"),
)

CASES = (
    one("case-unknown", 28, "'no-such-case'", "none of this content area"),
    one("case-of-one", 4, "'lonely-case' has 1 item", "at least 2"),
    one("case-mixed", 5, "'mixed-case'", "not all active or all pilot"),
    one("case-half-written", 4, "'half-case' has 1 item that is active or pilot"),
    one("case-enemies", 25, "'case-enemies-2'", "its own case"),
    one("case-twice", 5, "'twice-case' was used before, in line 4"),
    one("case-without-scenario", 4, "'scenario' is missing"),
    one("case-html", 5, "'scenario' has raw HTML (<br>)"),
    one("case-image", 6, "'nowhere.png'", "media/"),
    Fault(
        "case-elsewhere",
        (Place(4, ("'elsewhere-case' has 0 items",)), Place(8, ("'the-other-case'", "none of this content area"))),
    ),
    one("case-in-other-area", 9, "'first-case'", "none of this content area"),
    one("second-practice", 1, "practice.yaml", "keep one"),
    one("cases-not-a-list", 3, "'cases' must be a list"),
    one("case-is-text", 4, "a case must be a mapping"),
)

PRACTICE = tuple(
    Fault(fault.name, fault.places, replaces="practice.yaml")
    for fault in (
        one("practice-unknown-format", 3, "'essay'", "'single', 'multiple', 'sorted', 'hotspot', 'number'"),
        one("practice-not-a-list", 2, "'practice' must be a list"),
        one("practice-is-text", 2, "mapping", "id:"),
        one("practice-no-key", 2, "'key' is missing"),
        one("practice-key-no-option", 6, "'c' is no option", "a, b"),
        one("practice-missing-image", 7, "'nothing.png'", "media/"),
        one("practice-beyond", 7, "reaches beyond the image", "100 by 80 pixels"),
        one("practice-twice", 7, "the format 'number'", "keep one"),
    )
)

SYNTAX = (
    one("duplicate-yaml-key", 12, "'stem'", "line 7"),
    one("duplicate-yaml-key-in-one-line", 10, "'text'", "twice"),
    one("unclosed-bracket", 8, "not valid YAML"),
    one("unclosed-quote", 7, "not valid YAML", "quoted"),
    one("tab-indentation", 7, "not valid YAML", "tab"),
    one("bad-escape", 7, "not valid YAML", "escape"),
    one("undefined-alias", 7, "not valid YAML", "alias"),
    one("two-documents", 12, "another document"),
    one("recursive-alias", 9, "recursive"),
    one("recursive-top", 3, "recursive"),
    one("complex-key", 5, "key"),
    one("python-tag", 7, "tag", "python/object"),
    one("empty", 1, "is empty"),
    one("not-a-mapping", 3, "must be a mapping"),
)

SPECIFICATIONS = (
    one("spec-duplicate-code", 22, "'1.A.1.a'", "twice"),
    one("spec-code-elsewhere", 29, "'3.A.1'", "'2.A.'"),
    one("spec-blueprint-unknown-area", 35, "'third-area'"),
    one("spec-subtopic-limited", 37, "'1.A.1.a'", "not a subtopic"),
    one("spec-fixed-without-forms", 30, "'assembly: fixed' needs 'forms'"),
    one("spec-random-with-formats", 30, "does not heed 'formats'", "'assembly: optimal' or 'fixed'"),
    one("spec-limits-fall", 37, "most (2) is below least (3)"),
    one("spec-unknown-assembly", 35, "'assembly' is 'best'", "'random', 'optimal' or 'fixed'"),
    one("spec-standard-missing", 36, "'second-area'", "missing"),
    one("spec-standard-percent", 38, "'second-area'", "50"),
    one("spec-impossible-date", 7, "2011-02-30"),
    one("spec-bands-fall", 41, "bands must rise"),
    one("spec-profile-unknown-area", 55, "'third-area'", "first-area, second-area"),
    one("spec-profile-twice", 42, "first-thing", "twice"),
    one("spec-profile-scale", 45, "'often'", "not 'seldom'"),
    one("spec-twice", 2, "TEST", "spec-twice.yaml", path="spec.yaml"),
)

BYTES = (
    one("latin-1", 7, "not UTF-8", "0xe9", content=item_file("latin-1", stem="A café?").replace(b"\xc3\xa9", b"\xe9")),
    one("utf-16", 1, "not UTF-8", content=item_file("utf-16").decode().encode("utf-16")),
    one("control-character", 7, "U+0007", content=item_file("control", stem="Wh\ay?")),
    one("control-after-accents", 13, "U+0007", content=item_file("accents", "references:", "  - \a", stem="é" * 90)),
    one("nul", 13, "U+0000", content=item_file("nul", "references:", "  - Some\0thing")),
    one("escaped-nul", 7, "U+0000", content=item_file("escaped-nul", stem='"Wh\\0y?"')),
    one("line-separator", 7, "U+2028", content=item_file("line-separator", stem="Why\u2028not?")),
    one("next-line", 7, "U+0085", content=item_file("next-line", stem='"Why\u0085    not?"')),
    one("huge-number", 12, "99999", content=item_file("huge-number", f"statistics: {{n: {'9' * 5000}}}")),
    one("tagged-number", 7, "seven", content=item_file("tagged-number", stem="!!int seven")),
    one("tagged-nothing", 7, content=item_file("tagged-nothing", stem='!!int ""')),
    one("tagged-truth", 7, content=item_file("tagged-truth", stem="!!bool maybe")),
    one("tagged-date", 7, content=item_file("tagged-date", stem="!!timestamp yesterday")),
    one("tagged-mapping", 7, content=item_file("tagged-mapping", stem="!!map [a]")),
)

FAULTS = (*ITEMS, *FORMATS, *EXHIBITS, *CASES, *PRACTICE, *SYNTAX, *SPECIFICATIONS, *BYTES)
