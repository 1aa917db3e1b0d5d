"""Static files: a version in their address, so that a browser keeps them, and small on the wire."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask
from flask_compress import Compress

TEXT_KINDS = ["text/css", "text/javascript", "application/javascript", "image/svg+xml"]


def init_app(app: Flask) -> None:
    """Compress static text alone: pages hold a person's own state, and are small."""
    app.config.setdefault("COMPRESS_MIMETYPES", TEXT_KINDS)
    app.config["COMPRESS_REGISTER"] = False
    compress = Compress(app)
    app.view_functions["static"] = compress.compressed()(app.view_functions["static"])
    app.jinja_env.globals["asset_version"] = version_of(Path(str(app.static_folder)))


def version_of(folder: Path) -> str:
    """Return a hash of all files of a folder, 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
