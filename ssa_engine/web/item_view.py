"""What one item page shows. The same for the candidate, the tutorial and the specialist's preview."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.exhibits import Exhibit, ImageExhibit, TableExhibit
from ssa_engine.core.item_bank import Case, ItemBank, PresentedItem, present
from ssa_engine.core.items import HotspotItem, HotspotTarget, Item, NumberItem, Size
from ssa_engine.web import rich_text

LETTERS = "ABCDEFGHIJ"
MediaUrl = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option row, or one entry to sort."""

    id: str
    letter: str
    html: Markup
    chosen: bool = False
    struck: bool = False


@dataclass(frozen=True, slots=True)
class ExhibitView:
    """An exhibit: `kind` is image, video or table."""

    kind: str
    alt: str
    src: str = ""
    size: Size | None = None
    window: bool = False
    captions: str = ""
    html: Markup | None = None
    description: Markup | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """The scenario of a case set."""

    html: Markup
    exhibits: tuple[ExhibitView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """Everything `_item.html` needs. `mode` is live, tutorial or preview."""

    item_id: str
    format: str
    stem_html: Markup
    options: tuple[OptionView, ...]
    exhibits: tuple[ExhibitView, ...]
    case: CaseView | None
    target: ExhibitView | None
    unit: str
    calculator: bool
    position: int
    items_total: int
    answer: str | None
    mode: str = "preview"
    attempt_id: int | None = None
    first: int = 1
    reach: int = 0
    mark: tuple[int, int] | None = None
    typed: str | None = None
    problem: str | None = None
    flagged: bool = False
    highlights: str = ""
    note: str = ""
    token: str = ""
    saved_at: dt.datetime | None = None
    seconds_left: int | None = None
    warn_minutes: tuple[int, ...] = field(default=())
    notice: str | None = None
    action: str | None = None

    @property
    def base(self) -> str:
        """The address of the attempt, which those of its parts begin with."""
        return (self.action or "").rpartition("/items/")[0]

    @property
    def live(self) -> bool:
        """Whether answers are saved."""
        return self.mode == "live"


def exhibit_views(exhibits: Sequence[Exhibit], url: MediaUrl, sizes: dict[str, Size]) -> tuple[ExhibitView, ...]:
    """Give each exhibit its address and size."""
    return tuple(_exhibit(exhibit, url, sizes) for exhibit in exhibits)


def _exhibit(exhibit: Exhibit | HotspotTarget, url: MediaUrl, sizes: dict[str, Size]) -> ExhibitView:
    if isinstance(exhibit, TableExhibit):
        return ExhibitView("table", exhibit.caption, html=rich_text.block(exhibit.table))
    description = rich_text.block(exhibit.description) if exhibit.description else None
    if isinstance(exhibit, ImageExhibit | HotspotTarget):
        window = isinstance(exhibit, ImageExhibit) and exhibit.window
        size = sizes.get(exhibit.image)
        return ExhibitView("image", exhibit.alt, url(exhibit.image), size, window, description=description)
    return ExhibitView(
        "video", exhibit.alt, url(exhibit.video), captions=url(exhibit.captions), description=description
    )


def content_of(
    item: PresentedItem, url: MediaUrl, sizes: dict[str, Size], answer: str | None, struck: Sequence[str] = ()
) -> dict[str, object]:
    """Return the parts of an `ItemView` that come from the item and its stored answer."""
    chosen = answer.split(",") if answer and item.options else []
    options = option_views(item, chosen, struck)
    if item.format == "sorted" and chosen:
        by_id = {option.id: option for option in options}
        options = tuple(by_id[name] for name in chosen)
    return {
        "item_id": item.id,
        "format": item.format,
        "stem_html": rich_text.block(item.stem),
        "options": options,
        "exhibits": exhibit_views(item.exhibits, url, sizes) if item.exhibits else (),
        "case": _case(item.case, url, sizes) if item.case else None,
        "target": _exhibit(item.target, url, sizes) if item.target else None,
        "unit": item.unit,
        "calculator": item.calculator,
        "answer": answer,
        "mark": _mark(answer) if item.target and answer else None,
    }


def _case(case: Case, url: MediaUrl, sizes: dict[str, Size]) -> CaseView:
    return CaseView(rich_text.block(case.scenario), exhibit_views(case.exhibit, url, sizes))


def _mark(answer: str) -> tuple[int, int]:
    x, _, y = answer.partition(",")
    return int(x), int(y)


def option_views(item: PresentedItem, chosen: Sequence[str] = (), struck: Sequence[str] = ()) -> tuple[OptionView, ...]:
    """Letter the options in the order they are presented."""
    return tuple(
        OptionView(option.id, LETTERS[index], rich_text.inline(option.text), option.id in chosen, option.id in struck)
        for index, option in enumerate(item.options)
    )


def preview(bank: ItemBank, item: Item, url: MediaUrl) -> ItemView:
    """Show an item of a bank as a candidate sees it, options in the bank's order, nothing to be sent."""
    ids = [other.id for other in bank.items]
    return ItemView(
        **content_of(present(item, item.option_ids, bank.case_of(item)), url, bank.sizes, None),  # type: ignore[arg-type]
        position=ids.index(item.id) + 1,
        items_total=len(ids),
        reach=len(ids),
        seconds_left=bank.spec.seconds_allowed,
    )


def key_text(item: Item) -> str:
    """Write the key as the YAML has it, options by their letters."""
    if isinstance(item, NumberItem):
        return f"{item.key_answer} ± {item.key.tolerance:g} {item.unit}".strip()
    if isinstance(item, HotspotItem):
        return "; ".join(f"{region.shape} {region.extent()}" for region in item.key)
    joined = " → " if item.format == "sorted" else ", "
    names = {option: f"{LETTERS[index]} ({option})" for index, option in enumerate(item.option_ids)}
    return joined.join(names[one] for one in item.key_answer.split(","))


def topic_name(spec: ContentSpec, code: str) -> str:
    """Return the name of a topic, or of a subtopic with that of its topic."""
    names = {topic.code: topic.name for area in spec.areas for topic in area.topics}
    names |= {
        subtopic.code: f"{topic.name}: {subtopic.name}"
        for area in spec.areas
        for topic in area.topics
        for subtopic in topic.subtopics
    }
    return names.get(code, code)
