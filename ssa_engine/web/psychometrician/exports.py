"""Exports: each dataset as CSV, and all of them as one data package."""

from __future__ import annotations

import io
import zipfile

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ssa_engine.actions import exports
from ssa_engine.core.errors import NotFound
from ssa_engine.core.text import say
from ssa_engine.exchange.columns import BY_NAME, DATASETS
from ssa_engine.exchange.data_package import package_files, to_csv
from ssa_engine.web import current
from ssa_engine.web.language import gettext

blueprint = Blueprint("exports", __name__)


@blueprint.get("/exports")
def overview() -> ResponseReturnValue:
    """List the datasets with their columns."""
    datasets = [
        {
            "name": dataset.name,
            "row": gettext(dataset.row),
            "columns": [(column.name, gettext(column.meaning), column.unit) for column in dataset.columns],
        }
        for dataset in DATASETS
    ]
    return render_template("psychometrician/exports/overview.html", datasets=datasets)


@blueprint.get("/exports/<dataset>.csv")
def download(dataset: str) -> ResponseReturnValue:
    """Send one dataset as CSV."""
    if dataset not in BY_NAME:
        raise NotFound(say("There is no dataset with that name. There are: {known}.", known=", ".join(BY_NAME)))
    frames = exports.read_datasets(current.db(), current.banks(), [dataset])
    text = to_csv(frames[dataset], BY_NAME[dataset], for_spreadsheet="for_spreadsheet" in request.args)
    return _file(text.encode(), f"{dataset}.csv", "text/csv; charset=utf-8")


@blueprint.get("/exports/package.zip")
def package() -> ResponseReturnValue:
    """Send every dataset with its datapackage.json as one archive."""
    files = package_files(exports.read_datasets(current.db(), current.banks(), ["all"]), current.now())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return _file(buffer.getvalue(), "ssa-export.zip", "application/zip")


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
