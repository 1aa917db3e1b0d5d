"""Certificates as they are sent to a browser: as what they are, shown in place, able to do nothing."""

from __future__ import annotations

from flask import Response

from ssa_engine.core.certificates import Certificate
from ssa_engine.web import current
from ssa_engine.web.headers import CERTIFICATE_CSP


def send_certificate(certificate: Certificate) -> Response:
    """Send a stored certificate; raise `NotFound` if its file is not there."""
    content = current.certificates().read(certificate.file)
    suffix = certificate.file.rpartition(".")[2]
    headers = {
        "Content-Disposition": f'inline; filename="certificate-{certificate.id}.{suffix}"',
        "Content-Security-Policy": CERTIFICATE_CSP,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(content, content_type=certificate.media_type, headers=headers)
