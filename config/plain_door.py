"""What meets somebody who comes by http?  One page that leads to HTTPS: no cookie, no form, nothing of the office behind it.

``python -m config.plain_door HOST PORT HTTPS-ADDRESS``, a child of the office where HTTP_PORT is set.
"""

from __future__ import annotations

import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATE = "/office-ca.crt"
_STYLE = "/style.css"


def pages(address: str) -> dict[str, tuple[str, bytes]]:
    """Kind and content by path, all of it ready before the first visitor."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.template.loader import render_to_string

    django.setup()
    from config import authority

    told = authority.told()
    page = render_to_string("setup/plain_door.html", {"address": address, "ca": told, "download": CERTIFICATE})
    found = {
        "/": ("text/html; charset=utf-8", page.encode()),
        _STYLE: ("text/css; charset=utf-8", (Path(settings.BASE_DIR) / "static" / "css" / "public.css").read_bytes()),
    }
    if told is not None:
        found[CERTIFICATE] = (authority.KIND, told.der)
    return found


class Door(BaseHTTPRequestHandler):
    """Answers from a table; every other path gets the page too, as something that is not here."""

    table: dict[str, tuple[str, bytes]] = {}
    timeout = 10
    server_version, sys_version = "door", ""

    def do_GET(self) -> None:
        """The table's answer."""
        path = self.path.split("?")[0]
        kind, body = self.table.get(path, self.table["/"])
        self.send_response(200 if path in self.table else 403)
        for name, value in (
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'none'"),
            ("Cache-Control", "no-store"), ("Connection", "close"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  (the library's name)

    def log_message(self, *_args: object) -> None:
        """Nothing is written down of people who only passed by."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


def main() -> None:
    """Serve until told to stop."""
    host, port, address = sys.argv[1:]
    Door.table = pages(address)
    with (_Server6 if ":" in host else _Server)((host, int(port)), Door) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
