"""Which authority vouches for this office, and how is it installed?  A public page, and the certificate to download."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config import tls

KIND = "application/x-x509-ca-cert"


@dataclass(frozen=True)
class Told:
    """The authority's certificate in DER, so that the SHA-256 of the downloaded file is the fingerprint itself."""

    der: bytes
    fingerprint: str
    ends: datetime

    @property
    def pairs(self) -> list[str]:
        """The fingerprint in eight groups, to be read aloud and compared."""
        plain = self.fingerprint.replace(":", "")
        return [plain[place : place + 8] for place in range(0, len(plain), 8)]


def told() -> Told | None:
    """What is to be told of the authority; None where the office has none of its own."""
    try:
        ca = x509.load_pem_x509_certificate(tls.files().ca.read_bytes())
    except OSError:
        return None
    return Told(ca.public_bytes(serialization.Encoding.DER), tls.fingerprint(), ca.not_valid_after_utc)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """How to install it on Windows, on Kylin and UOS, in a browser; the fingerprint to compare."""
    context = {"ca": told(), "address": request.build_absolute_uri("/"), "download": "/ca/office-ca.crt"}
    return render(request, "setup/authority.html", context)


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """The certificate itself."""
    found = told()
    if found is None:
        raise Http404
    response = HttpResponse(found.der, content_type=KIND)
    response["Content-Disposition"] = 'attachment; filename="office-ca.crt"'
    return response
