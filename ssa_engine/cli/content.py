"""ssa content: check, coverage, schema."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from ssa_engine.cli.shared import json_option, library_of, say_json
from ssa_engine.config import read_settings


@click.group()
def content() -> None:
    """Content specifications and item banks."""


@content.command()
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@json_option
@click.pass_context
def check(context: click.Context, folders: tuple[Path, ...], as_json: bool) -> None:
    """Check content, and list every problem as path:line: what is wrong and what to do.

    Without DIR: the configured content. With DIR: what lies below it; item files there may be coded to the
    configured specifications.
    """
    from ssa_engine.content.library import check_library

    settings = read_settings()
    known = {}
    if folders:
        known = check_library([settings.content_dir])[0].specs
    library, problems = check_library(folders or (settings.content_dir, settings.item_bank_dir), known)
    items = sum(len(bank.items) for bank in library.banks.values())
    if as_json:
        say_json(
            {
                "files": library.files,
                "items": items,
                "problems": [{"path": str(p.path), "line": p.line, "message": p.message} for p in problems],
            }
        )
    else:
        for problem in problems:
            click.echo(str(problem))
        for discipline in sorted(set(library.specs) - set(library.banks)):
            click.echo(f"{discipline}: a content specification without an item bank yet.", err=True)
        found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        click.echo(f"{library.files} files, {items} items, {found}.", err=bool(problems))
    context.exit(1 if problems else 0)


@content.command()
@click.argument("discipline")
@json_option
def coverage(discipline: str, as_json: bool) -> None:
    """Items per content area and topic, beside what the blueprint needs."""
    library = library_of(read_settings())
    spec = library.spec(discipline)
    bank = library.banks.get(spec.discipline)
    counts: Counter[tuple[str, str]] = Counter()
    for item in bank.items if bank else ():
        counts[spec.topic_parents[item.topic], item.status] += 1
    rows = []
    for area in spec.areas:
        needed = spec.blueprint.areas[area.id]
        topics = [
            {
                "topic": topic.code,
                "name": topic.name,
                "active": counts[topic.code, "active"],
                "pilot": counts[topic.code, "pilot"],
            }
            for topic in area.topics
        ]
        rows.append(
            {
                "content_area": area.id,
                "name": area.name,
                "active": sum(counts[topic.code, "active"] for topic in area.topics),
                "active_needed": needed.scored,
                "pilot": sum(counts[topic.code, "pilot"] for topic in area.topics),
                "pilot_needed": needed.pilot,
                "topics": topics,
            }
        )
    if as_json:
        say_json({"discipline": spec.discipline, "areas": rows})
        return
    click.echo(f"{'active':>6} {'need':>4}  {'pilot':>5} {'need':>4}  {spec.name}")
    for row in rows:
        click.echo(
            f"{row['active']:>6} {row['active_needed']:>4}  {row['pilot']:>5} {row['pilot_needed']:>4}  {row['name']}"
        )
        for topic in row["topics"]:  # type: ignore[attr-defined]
            click.echo(f"{topic['active']:>6} {'':>4}  {topic['pilot']:>5} {'':>4}    {topic['topic']} {topic['name']}")


@content.command()
@click.argument("out_dir", type=click.Path(file_okay=False, path_type=Path))
def schema(out_dir: Path) -> None:
    """Write JSON Schemas of the content files into OUT_DIR, for editors."""
    from ssa_engine.content.schemas import json_schemas

    out_dir.mkdir(parents=True, exist_ok=True)
    for name, value in json_schemas().items():
        (out_dir / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(str(out_dir / name))


COMMANDS = (content,)
