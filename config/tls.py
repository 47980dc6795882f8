"""How does the office speak HTTPS on a network without internet?  By a certificate authority of its own, kept in var/tls.

The authority signs one certificate, for the names and addresses that OFFICE_HOSTS says.  It is bound by name constraints: what it
signs is believed for the office's own names and for private addresses alone, so that a stolen key is of no use against any
other site.  The certificate is made anew before it ends, by the office itself; the authority stays for ten years.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config import embedded

CA_YEARS, LEAF_DAYS, RENEW_DAYS = 10, 397, 30
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
_LOOPBACK = ("127.0.0.1", "::1")  # not "localhost": a browser would keep HSTS for that name and refuse plain http on it
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Key = ec.EllipticCurvePrivateKey


class TlsTrouble(RuntimeError):
    """No certificate can be had for these names; the message says what to do."""


def folder() -> Path:
    """Where authority and certificate lie."""
    return embedded.var_dir() / "tls"


@dataclass(frozen=True)
class Files:
    """What the web server is given, and what people install."""

    ca: Path
    chain: Path
    key: Path


def files() -> Files:
    """The paths, whether or not they are there yet."""
    base = folder()
    return Files(base / "ca.crt", base / "office.crt", base / "office.key")


# --- names --------------------------------------------------------------------------------------------------------


def hosts(given: str, host: str) -> list[str]:
    """Return the names and addresses that the certificate is for: those given, else this machine's own; and the loopback.

    Args:
        given: OFFICE_HOSTS, comma-separated.
        host: the address listened on (``0.0.0.0`` and ``::`` stand for all).

    Raises:
        TlsTrouble: a name that is none.
    """
    named = [word.strip().lower().strip("[]") for word in given.split(",") if word.strip()]
    if not named:
        named = _own() if host in ("0.0.0.0", "::") else [host]  # noqa: S104  (compared, not bound)
    found = list(dict.fromkeys([*named, *_LOOPBACK]))
    for name in found:
        if as_address(name) is None and not _is_name(name):
            raise TlsTrouble(f"OFFICE_HOSTS: {name!r} is neither a host name nor an address.")
    return found


def _own() -> list[str]:
    """This machine's name and the address by which it goes out: what people would type."""
    found = [socket.gethostname().lower()]
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))  # a datagram socket sends nothing by that
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return [name for name in found if as_address(name) or _is_name(name)]


def as_address(text: str) -> Address | None:
    """``text`` as a network address, or None for a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    labels = text.rstrip(".").split(".")
    plain = text.isascii() and len(text) < 254
    return plain and all(
        0 < len(label) < 64 and label.replace("-", "").isalnum() and label[0] != "-" and label[-1] != "-"
        for label in labels
    )


# --- making -------------------------------------------------------------------------------------------------------


def ensure(names: Sequence[str], *, now: datetime | None = None) -> bool:
    """See to an authority and a certificate for ``names`` that holds for another month; says whether one was made.

    Raises:
        TlsTrouble: the authority may not sign one of the names, or a file of it is missing.
    """
    moment = now or datetime.now(UTC)
    embedded.make_folder(folder(), 0o700)
    ca, ca_key = _authority(names, moment)
    if _good(names, moment):
        return False
    _check_constraints(ca, names)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _leaf(ca, ca_key, key, names, moment)
    paths = files()
    _write(paths.key, _pem(key), 0o600)
    _write(paths.chain, leaf.public_bytes(serialization.Encoding.PEM), 0o644)
    return True


def _authority(names: Sequence[str], now: datetime) -> tuple[x509.Certificate, Key]:
    """The authority there is, or a new one."""
    paths, key_path = files(), folder() / "ca.key"
    if paths.ca.exists() != key_path.exists():
        raise TlsTrouble(
            f"Of {paths.ca} and {key_path} one is missing: bring it back, or remove the other and every computer installs a new one."
        )
    if paths.ca.exists():
        ca = x509.load_pem_x509_certificate(paths.ca.read_bytes())
        if ca.not_valid_after_utc <= now:
            raise TlsTrouble(_ends(ca))
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return ca, key
    key = ec.generate_private_key(ec.SECP256R1())
    ca = _make_authority(key, names, now)
    _write(key_path, _pem(key), 0o600)
    _write(paths.ca, ca.public_bytes(serialization.Encoding.PEM), 0o644)
    return ca, key


def _ends(ca: x509.Certificate) -> str:
    return (
        f"The authority ends on {ca.not_valid_after_utc:%Y-%m-%d}: remove {folder()} and start again; "
        "every computer then installs the new one."
    )


def warning(*, now: datetime | None = None) -> str:
    """What to do about an authority that ends within a month; empty where it lasts, or is not the office's own."""
    if not files().ca.exists():
        return ""
    ca = x509.load_pem_x509_certificate(files().ca.read_bytes())
    return _ends(ca) if ca.not_valid_after_utc < (now or datetime.now(UTC)) + timedelta(days=RENEW_DAYS) else ""


def _make_authority(key: Key, names: Sequence[str], now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Petition office local CA {now:%Y-%m-%d}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Petition office (local network only)"),
        ]
    )
    builder = _begin(name, name, key, now, now + timedelta(days=365 * CA_YEARS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(sign_certificates=True), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(_constraints(names), critical=True)
    return builder.sign(key, hashes.SHA256())


def _constraints(names: Iterable[str]) -> x509.NameConstraints:
    """The office's own names, and private networks as a whole: an office moves to another address more often than to another name."""
    named = [name for name in (*names, "localhost") if as_address(name) is None]  # without any name, every name
    private = [ipaddress.ip_network(text) for text in _PRIVATE]
    addresses = [address for name in names if (address := as_address(name))]
    others = [ipaddress.ip_network(str(one)) for one in addresses if not any(one in network for network in private)]
    return x509.NameConstraints([*map(x509.DNSName, named), *map(x509.IPAddress, (*private, *others))], None)


def _check_constraints(ca: x509.Certificate, names: Iterable[str]) -> None:
    permitted = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    stems = [row.value for row in permitted if isinstance(row, x509.DNSName)]
    networks = [ipaddress.ip_network(str(row.value)) for row in permitted if isinstance(row, x509.IPAddress)]
    for name in names:
        if not _permitted(name, stems, networks):
            raise TlsTrouble(
                f"The office's authority was made for {', '.join(stems)} and may not vouch for {name}.  "
                f"For a new name remove {folder()} and start again; every computer then installs the new authority."
            )


def _permitted(name: str, stems: Iterable[str], networks: Iterable[Network]) -> bool:
    address = as_address(name)
    if address is None:
        return any(name == stem or name.endswith(f".{stem}") for stem in stems)
    return any(address in network for network in networks)


def _leaf(ca: x509.Certificate, ca_key: Key, key: Key, names: Sequence[str], now: datetime) -> x509.Certificate:
    end = min(now + timedelta(days=LEAF_DAYS), ca.not_valid_after_utc)
    # No name of a host here: readers that still look at it would hold an address against the constraints on names.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Petition office server")])
    builder = _begin(subject, ca.subject, key, now, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(sign_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
    )
    return builder.sign(ca_key, hashes.SHA256())


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(address) if (address := as_address(name)) else x509.DNSName(name) for name in names]


def _begin(subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, end: datetime) -> x509.CertificateBuilder:
    """A day back: the clocks of an office's computers do not agree."""
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(end)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates, key_cert_sign=sign_certificates, crl_sign=sign_certificates, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _good(names: Sequence[str], now: datetime) -> bool:
    """Whether the certificate there is names these and no others, is the authority's, and holds for another month or as long as that."""
    paths = files()
    if not (paths.chain.exists() and paths.key.exists()):
        return False
    leaf = x509.load_pem_x509_certificate(paths.chain.read_bytes())
    ca = x509.load_pem_x509_certificate(paths.ca.read_bytes())
    kept = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    named = {str(row.value) for row in kept}
    try:
        leaf.verify_directly_issued_by(ca)
    except Exception:  # another authority's: made anew
        return False
    holds = min(now + timedelta(days=RENEW_DAYS), ca.not_valid_after_utc)  # none outlives its authority
    return named == set(names) and leaf.not_valid_after_utc >= holds


def _pem(key: Key) -> bytes:
    """Without a password: whoever can read the file is the office itself, which has to start without anybody typing."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, with its mode from the first byte on."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    Path(name).chmod(mode)
    Path(name).replace(path)


# --- what people compare ------------------------------------------------------------------------------------------


def fingerprint(path: Path | None = None) -> str:
    """SHA-256 of the authority's certificate, as browsers and Windows show it: pairs of hex digits; empty where there is none."""
    try:
        data = (path or files().ca).read_bytes()
    except OSError:
        return ""
    return x509.load_pem_x509_certificate(data).fingerprint(hashes.SHA256()).hex(":").upper()


def ends_on(path: Path) -> datetime:
    """When a certificate ends (UTC)."""
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
