"""Over what do people come?  Plain http on this machine alone; on a network HTTPS, or the office does not start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from config import tls

_ALL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what answers for "all addresses" on this machine)


class Unfit(RuntimeError):
    """These settings would send passwords over a network in clear, or fit together in no way; the message says why."""


@dataclass(frozen=True)
class Transport:
    """Where the web server listens, and as whom it speaks.

    Attributes:
        names: what the certificate is for; empty for plain http.
        chain, key: the certificate's files; ``own``: of the office's own authority, which renews it.
        plain_port: where a page without cookies tells people who come by http what to do; None: nothing listens there.
        public_port: the port that people reach it at, where another one leads to ``port`` (a container's); None: ``port``.
    """

    host: str
    port: int
    names: tuple[str, ...] = ()
    chain: Path | None = None
    key: Path | None = None
    own: bool = False
    plain_port: int | None = None
    public_port: int | None = None

    @property
    def secure(self) -> bool:
        """Whether it is HTTPS."""
        return self.chain is not None

    @property
    def near(self) -> str:
        """The address at which this machine itself reaches it."""
        return _ALL.get(self.host, self.host)

    def addresses(self) -> list[str]:
        """What people type, the network's first."""
        if not self.secure:
            return [self._url(self.near)]
        named = [name for name in self.names if not is_loopback(name)] or [self.near]
        return [self._url(name) for name in named]

    def _url(self, name: str) -> str:
        usual = 443 if self.secure else 80
        reached = self.public_port or self.port
        port = "" if reached == usual else f":{reached}"
        shown = f"[{name}]" if ":" in name else name
        return f"{'https' if self.secure else 'http'}://{shown}{port}/"

    def arguments(self) -> list[str]:
        """For granian."""
        said = ["--host", self.host, "--port", str(self.port)]
        if self.chain is not None and self.key is not None:
            said += [
                "--ssl-certificate",
                str(self.chain),
                "--ssl-keyfile",
                str(self.key),
                "--ssl-protocol-min",
                "tls1.2",
            ]
        return said

    def environment(self) -> dict[str, str]:
        """For every process of the office: cookies for HTTPS alone, HSTS, and the names that are answered."""
        if not self.secure:
            return {}
        answered = ["127.0.0.1", "localhost", "[::1]", *(f"[{n}]" if ":" in n else n for n in self.names)]
        said = {"PUBLIC_HTTPS": "true"}
        return said if os.environ.get("ALLOWED_HOSTS") else said | {"ALLOWED_HOSTS": ",".join(dict.fromkeys(answered))}

    def renew(self) -> bool:
        """See to a certificate that holds; says whether there is a new one.  A given certificate is its giver's care."""
        return self.own and tls.ensure(self.names)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``."""
    address = tls.as_address(host)
    return address.is_loopback if address is not None else host == "localhost"


def chosen(port: int, mode: str, given: Mapping[str, str]) -> Transport:
    """Return how the office is to be reached; makes the certificate that it needs.

    Args:
        mode: ``demo`` or ``office``: an office on a network address is HTTPS without being asked.
        given: the environment: HOST, OFFICE_HOSTS, HTTP_PORT, PUBLIC_PORT, TLS_CERTIFICATE and TLS_KEY.

    Raises:
        Unfit, tls.TlsTrouble: see there.
    """
    host = given.get("HOST") or "127.0.0.1"
    plain, public = _plain_port(given, port), _port("PUBLIC_PORT", given)
    files = [given.get(name, "") for name in ("TLS_CERTIFICATE", "TLS_KEY")]
    if any(files):
        return replace(_given(host, port, files, given, plain), public_port=public)
    if not given.get("OFFICE_HOSTS") and (mode != "office" or is_loopback(host)):
        if plain is not None:
            raise Unfit("HTTP_PORT is the page that leads to HTTPS: without HTTPS there is nothing to lead to.")
        return Transport(host, port, public_port=public)
    names = tuple(tls.hosts(given.get("OFFICE_HOSTS", ""), host))
    tls.ensure(names)
    return Transport(
        host, port, names, tls.files().chain, tls.files().key, own=True, plain_port=plain, public_port=public
    )


def _port(name: str, given: Mapping[str, str]) -> int | None:
    text = given.get(name, "")
    if text and not (text.isdigit() and 1 <= int(text) <= 65535):
        raise Unfit(f"{name} must be a number from 1 to 65535, not {text!r}.")
    return int(text) if text else None


def _plain_port(given: Mapping[str, str], port: int) -> int | None:
    plain = _port("HTTP_PORT", given)
    if plain == port:
        raise Unfit(f"HTTP_PORT must not be PORT itself, {port}.")
    return plain


def _given(host: str, port: int, files: list[str], given: Mapping[str, str], plain: int | None) -> Transport:
    """A certificate of somebody else's authority."""
    chain, key = map(Path, files)
    if not (all(files) and chain.is_file() and key.is_file()):
        raise Unfit("TLS_CERTIFICATE and TLS_KEY come together and must be files (PEM; the key in PKCS#8).")
    names = tuple(tls.hosts(given.get("OFFICE_HOSTS", ""), host))
    return Transport(host, port, names, chain.resolve(), key.resolve(), plain_port=plain)
