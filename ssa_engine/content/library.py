"""The content library: every specification and item bank below some folders, checked as a whole."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ssa_engine.content.cases import case_problems
from ssa_engine.content.items import ItemFile, read_item_file
from ssa_engine.content.media import image_size, media_paths, media_problems
from ssa_engine.content.practice import Practice, read_practice
from ssa_engine.content.problems import ContentInvalid, Problem
from ssa_engine.content.reader import Document, read_yaml
from ssa_engine.content.specs import read_spec
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.core.errors import Invalid, NotFound
from ssa_engine.core.item_bank import ItemBank
from ssa_engine.core.text import say


@dataclass
class Library:
    """Specifications and item banks by discipline, and the media folder of each bank."""

    specs: dict[str, ContentSpec] = field(default_factory=dict)
    banks: dict[str, ItemBank] = field(default_factory=dict)
    media: dict[str, dict[str, Path]] = field(default_factory=dict)
    practice: Practice = field(default_factory=Practice)
    files: int = 0

    def spec(self, discipline: str) -> ContentSpec:
        """Return a discipline's specification, whatever the case of its code; raise `NotFound`."""
        try:
            return self.specs[discipline.upper()]
        except KeyError:
            known = ", ".join(sorted(self.specs))
            raise NotFound(
                say(
                    "There is no content specification for '{discipline}'. Known: {known}.",
                    discipline=discipline,
                    known=known,
                )
            ) from None

    def bank(self, discipline: str) -> ItemBank:
        """Return a discipline's item bank; raise `NotFound`."""
        spec = self.spec(discipline)
        try:
            return self.banks[spec.discipline]
        except KeyError:
            raise NotFound(
                say("The {discipline} assessment is being prepared: it has no item bank yet.", discipline=spec.name)
            ) from None

    def media_files(self, discipline: str) -> dict[str, bytes]:
        """Return the bytes of every exhibit of a discipline's bank, by file name."""
        return {name: path.read_bytes() for name, path in self.media.get(discipline, {}).items()}


def load_library(*folders: Path) -> Library:
    """Load all content below the folders.

    Raises
    ------
    ContentInvalid
        If anything in it is not sound, with every problem.
    """
    library, problems = check_library(folders)
    if problems:
        raise ContentInvalid(problems)
    return library


def check_library(
    folders: Sequence[Path], known_specs: dict[str, ContentSpec] | None = None
) -> tuple[Library, list[Problem]]:
    """Read and check all content below the folders, and return every problem found.

    `known_specs` are specifications from elsewhere that item files may be coded to.
    """
    paths = sorted({path for folder in folders for path in _yaml_files(folder)})
    library, problems, item_documents = Library(files=len(paths)), [], []
    origins: dict[str, Document] = {}
    for path in paths:
        document, faults = read_yaml(path)
        problems += faults
        if document is None:
            continue
        if not isinstance(document.data, dict):
            problems.append(document.problem("must be a mapping: an item file, or a content specification"))
        elif "practice" in document.data:
            problems += _add_practice(library, origins, document)
        elif "items" in document.data or "area" in document.data:
            item_documents.append(document)
        else:
            problems += _add_spec(library, origins, document)
    specs = {**(known_specs or {}), **library.specs}
    files = []
    for document in item_documents:
        file, faults = read_item_file(document, specs)
        files.append(file)
        problems += faults
    problems += _across_files(files)
    problems += _short_areas(files, specs, origins)
    _build_banks(library, files, specs)
    return library, sorted(set(problems))


def _yaml_files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise Invalid(f"There is no folder {folder}. Mend the setting that names it: ssa settings.")
    return [path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file()]


def _add_spec(library: Library, origins: dict[str, Document], document: Document) -> list[Problem]:
    spec, problems = read_spec(document)
    if spec is not None and spec.discipline in library.specs:
        first = origins[spec.discipline].path.name
        return [document.problem(f"{spec.discipline} has a content specification already, in {first}", ("discipline",))]
    if spec is not None:
        library.specs[spec.discipline] = spec
        origins[spec.discipline] = document
    return problems


def _add_practice(library: Library, origins: dict[str, Document], document: Document) -> list[Problem]:
    first = origins.setdefault("practice", document)
    if first is not document:
        return [document.problem(f"there are practice items already, in {first.path.name}; keep one file")]
    library.practice, problems = read_practice(document)
    return problems


def _across_files(files: list[ItemFile]) -> Iterator[Problem]:
    """Ids stand once in all files; enemies and images exist."""
    owners: dict[str, ItemFile] = {}
    for file in files:
        for name, loc in file.places.items():
            first = owners.setdefault(name, file)
            if first is not file:
                line = first.document.line((*first.places[name], "id"))
                where = f"{first.document.path.name}, line {line}"
                yield file.document.problem(f"the id '{name}' was used before, in {where}", (*loc, "id"))
    yield from case_problems(files)
    for file in files:
        for loc, name, enemy in file.enemies:
            if enemy == name:
                yield file.document.problem(f"'{name}' names itself as an enemy; remove it", loc)
            elif enemy not in owners or owners[enemy].discipline != file.discipline:
                yield file.document.problem(f"the enemy '{enemy}' is no item of this bank; mend or remove it", loc)
        yield from media_problems(file)


def _short_areas(
    files: list[ItemFile], specs: dict[str, ContentSpec], origins: dict[str, Document]
) -> Iterator[Problem]:
    """Each area has the items its blueprint takes, as soon as its discipline has any item."""
    counts: Counter[tuple[str, str, str]] = Counter()
    seen: dict[tuple[str, str], ItemFile] = {}
    for file in files:
        seen.setdefault((file.discipline, file.area), file)
        rows = file.document.data.get("items")
        for row in rows if isinstance(rows, list) else []:
            status = row.get("status") if isinstance(row, dict) else None
            counts[file.discipline, file.area, str(status)] += 1
    for discipline in sorted({file.discipline for file in files} & set(specs)):
        for area, needed in specs[discipline].blueprint.areas.items():
            for status, number in (("active", needed.scored), ("pilot", needed.pilot)):
                found = counts[discipline, area, status]
                message = (
                    f"the content area '{area}' has {found} {status} items and its blueprint takes {number}; add items"
                )
                if found >= number:
                    continue
                if (discipline, area) in seen:
                    yield seen[discipline, area].document.problem(message, ("area",))
                elif discipline in origins:
                    yield origins[discipline].problem(message, ("blueprint", "areas", area))


def _build_banks(library: Library, files: Iterable[ItemFile], specs: dict[str, ContentSpec]) -> None:
    """Put the sound items of each discipline into its bank, with a hash of each exhibit."""
    by_discipline: dict[str, list[ItemFile]] = {}
    for file in files:
        if file.discipline in specs:
            by_discipline.setdefault(file.discipline, []).append(file)
    for discipline, own in by_discipline.items():
        topics = specs[discipline].topic_areas
        cases = {case.id: case for file in own for case in file.cases}
        items = {
            item.id: item
            for file in own
            for item in file.items
            if item.topic in topics and (item.case is None or item.case in cases)
        }
        library.media[discipline] = media = {name: path for file in own for name, path in media_paths(file).items()}
        sizes = {name: image_size(media[name]) for name in sorted(media)}
        library.banks[discipline] = ItemBank(
            spec=specs[discipline],
            items=tuple(items[name] for name in sorted(items)),
            cases=tuple(cases[name] for name in sorted(cases)),
            media={name: hashlib.sha256(media[name].read_bytes()).hexdigest() for name in sorted(media)},
            sizes={name: size for name, size in sizes.items() if size is not None},
        )
