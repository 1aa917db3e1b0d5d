"""Exports: each dataset as CSV, and all of them as one data package; of one discipline or all, of a period or ever."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ssa_engine.actions import cohort, exports
from ssa_engine.core.cohorts import read_period
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.exchange.columns import BY_NAME, DATASETS
from ssa_engine.exchange.data_package import package_files, to_csv
from ssa_engine.web import current
from ssa_engine.web.language import gettext
from ssa_engine.web.psychometrician.files import CSV, attachment

blueprint = Blueprint("exports", __name__)

AREA_TABLES = ("areas", "more_items", "correlations", "information")
FILTERS = ("discipline", "from", "to", "for_spreadsheet")


@blueprint.get("/exports")
def overview() -> ResponseReturnValue:
    """List the datasets with their columns."""
    query = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    datasets = [
        {
            "name": dataset.name,
            "row": gettext(dataset.row),
            "columns": [(column.name, gettext(column.meaning), column.unit) for column in dataset.columns],
            "file": url_for("psychometrician.exports.download", dataset=dataset.name, _external=False, **query),
        }
        for dataset in DATASETS
    ]
    return render_template(
        "psychometrician/exports/overview.html",
        datasets=datasets,
        package=url_for("psychometrician.exports.package", _external=False, **query),
        discipline=_discipline(),
        codes=sorted(current.library().specs),
        period=read_period(request.args),
        for_spreadsheet="for_spreadsheet" in request.args,
        pages=_page_tables(),
    )


@blueprint.get("/exports/<dataset>.csv")
def download(dataset: str) -> ResponseReturnValue:
    """Send one dataset as CSV."""
    if dataset not in BY_NAME:
        raise NotFound(say("There is no dataset with that name. There are: {known}.", known=", ".join(BY_NAME)))
    frames = _read([dataset])
    text = to_csv(frames[dataset], BY_NAME[dataset], for_spreadsheet="for_spreadsheet" in request.args)
    return attachment(text, f"{dataset}.csv", CSV)


@blueprint.get("/exports/package.zip")
def package() -> ResponseReturnValue:
    """Send every dataset with its datapackage.json as one archive."""
    frames = _read(["all"])
    files = package_files(frames, current.now(), for_spreadsheet="for_spreadsheet" in request.args)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return attachment(buffer.getvalue(), "ssa-export.zip", "application/zip")


def _read(wanted: list[str]) -> dict[str, Any]:
    """Read the datasets that are wanted, of the discipline and the period that the address names."""
    period = read_period(request.args)
    return exports.read_datasets(current.db(), current.banks(), wanted, _discipline(), period, now=current.now())


def _discipline() -> str | None:
    """Return the discipline that is asked for; None means all."""
    asked = request.args.get("discipline", "")
    return current.library().spec(asked).discipline if asked else None


def _page_tables() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (discipline, its tables as (name, address)): what the pages show that there are."""
    library = current.library()
    asked = _discipline()
    kept = {"for_spreadsheet": request.args["for_spreadsheet"]} if "for_spreadsheet" in request.args else {}
    found = []
    for code in [asked] if asked else sorted(library.specs):
        tables = [
            (table, url_for("psychometrician.cohort.download", discipline=code, dataset=table, _external=False, **kept))
            for table in ("attempts", *cohort.TABLES)
        ]
        own = {"release_table": "waiting"}
        waiting = url_for("psychometrician.releases.download", discipline=code, _external=False, **own, **kept)
        tables.append(("waiting_results", waiting))
        if code in library.banks:
            of_bank: list[tuple[str, str, dict[str, str]]] = [("items", "psychometrician.items.download", {})]
            of_bank += [(table, "psychometrician.areas.download", {"areas_table": table}) for table in AREA_TABLES]
            tables += [
                (name, url_for(endpoint, discipline=code, _external=False, **part, **kept))
                for name, endpoint, part in of_bank
            ]
        found.append((code, tables))
    return found
