"""HTTPS of the office's own: the authority vouches for the office alone, its key is nobody else's, the certificate renews itself."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import stat
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config import office, tls, transport
from tests.config.test_embedded import new_var, wait_until
from tests.config.test_office import descendants, free_port, open_office, until_open

__all__ = ["new_var"]
NAMES = ("xinfang.lan", "10.0.0.5", "127.0.0.1", "::1")


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFICE_VAR", str(tmp_path))
    return tmp_path


def shakes_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> None:
    """A whole TLS handshake in memory; raises what the client raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(10):
        waiting = False
        for side in (theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                waiting = True
        if not waiting:
            return
    raise AssertionError("no end of the handshake")


def contexts(chain: Path, key: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    return server, ssl.create_default_context(cafile=str(tls.files().ca))


@pytest.mark.parametrize("name", NAMES)
def test_a_computer_with_the_authority_installed_believes_every_name_of_the_office(var: Path, name: str) -> None:
    tls.ensure(NAMES)
    shakes_hands(*contexts(tls.files().chain, tls.files().key), name)


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8", "notxinfang.lan"])
def test_not_even_with_the_authoritys_key_can_another_site_be_faked(var: Path, name: str) -> None:
    tls.ensure(NAMES)
    ca = x509.load_pem_x509_certificate(tls.files().ca.read_bytes())
    ca_key = serialization.load_pem_private_key((var / "tls" / "ca.key").read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    forged = tls._leaf(ca, ca_key, key, [name], datetime.now(UTC))
    (var / "forged.crt").write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    (var / "forged.key").write_bytes(tls._pem(key))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shakes_hands(*contexts(var / "forged.crt", var / "forged.key"), name)


def test_keys_are_for_the_offices_own_user_alone(var: Path) -> None:
    tls.ensure(NAMES)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (var / "tls").iterdir()}
    assert modes == {"ca.key": 0o600, "ca.crt": 0o644, "office.key": 0o600, "office.crt": 0o644}
    assert stat.S_IMODE((var / "tls").stat().st_mode) == 0o700


def test_the_certificate_is_made_anew_before_it_ends_and_the_authority_stays(var: Path) -> None:
    assert tls.ensure(NAMES)
    ca, first = tls.fingerprint(), tls.ends_on(tls.files().chain)
    assert not tls.ensure(NAMES, now=first - timedelta(days=tls.RENEW_DAYS + 1))
    assert tls.ensure(NAMES, now=first - timedelta(days=tls.RENEW_DAYS - 1))
    assert tls.ends_on(tls.files().chain) > first
    assert tls.fingerprint() == ca


def test_other_names_need_another_certificate_and_foreign_ones_another_authority(var: Path) -> None:
    tls.ensure(NAMES)
    ca = tls.fingerprint()
    assert tls.ensure((*NAMES, "192.168.7.7", "www.xinfang.lan"))
    assert tls.fingerprint() == ca
    with pytest.raises(tls.TlsTrouble, match=r"may not vouch for office\.example"):
        tls.ensure((*NAMES, "office.example"))


def test_half_an_authority_is_said_and_never_replaced(var: Path) -> None:
    tls.ensure(NAMES)
    (var / "tls" / "ca.key").unlink()
    with pytest.raises(tls.TlsTrouble, match="one is missing"):
        tls.ensure(NAMES)


def test_an_authority_that_ends_is_said_in_time_and_serves_to_its_last_day(var: Path) -> None:
    assert tls.warning() == ""  # none yet
    tls.ensure(NAMES)
    end = tls.ends_on(tls.files().ca)
    near, last, over = (end - timedelta(days=days) for days in (tls.RENEW_DAYS - 1, 1, -1))
    assert tls.warning(now=end - timedelta(days=tls.RENEW_DAYS + 1)) == ""
    assert f"{end:%Y-%m-%d}" in tls.warning(now=near)
    assert tls.ensure(NAMES, now=near) and tls.ends_on(tls.files().chain) == end
    assert not tls.ensure(NAMES, now=last)  # not anew each hour: none outlives its authority
    with pytest.raises(tls.TlsTrouble, match="authority ends"):
        tls.ensure(NAMES, now=over)


@pytest.mark.parametrize("given", ["xin fang", "-a.lan", "http://x", "信访.lan", "a..b"])
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(tls.TlsTrouble, match="neither"):
        tls.hosts(given, "0.0.0.0")


# --- over what people come ----------------------------------------------------------------------------------------


def test_plain_http_stays_on_this_machine_and_a_network_address_is_https(var: Path) -> None:
    here = transport.chosen(8000, "office", {})
    assert (here.secure, here.addresses(), here.environment()) == (False, ["http://127.0.0.1:8000/"], {})
    assert not (var / "tls").exists()
    for host in ("0.0.0.0", "10.0.0.5", "::", "xinfang.lan"):
        there = transport.chosen(8443, "office", {"HOST": host})
        assert there.secure and there.environment()["PUBLIC_HTTPS"] == "true"
        assert "--ssl-certificate" in there.arguments()
        (var / "tls").rename(var / f"tls-{host}")


def test_names_are_answered_and_addresses_printed(var: Path) -> None:
    said = transport.chosen(443, "office", {"HOST": "0.0.0.0", "OFFICE_HOSTS": "xinfang.lan, 10.0.0.5, fd00::5"})
    assert said.addresses() == ["https://xinfang.lan/", "https://10.0.0.5/", "https://[fd00::5]/"]
    assert {"xinfang.lan", "10.0.0.5", "[fd00::5]"} <= set(said.environment()["ALLOWED_HOSTS"].split(","))


def test_what_people_type_may_be_another_port_than_the_one_listened_on(var: Path) -> None:
    said = transport.chosen(8443, "office", {"HOST": "0.0.0.0", "OFFICE_HOSTS": "xinfang.lan", "PUBLIC_PORT": "443"})
    assert said.addresses() == ["https://xinfang.lan/"]
    assert said.arguments()[:4] == ["--host", "0.0.0.0", "--port", "8443"]


@pytest.mark.parametrize(
    "given",
    [{"HTTP_PORT": "80"}, {"PUBLIC_PORT": "70000"}, {"HOST": "0.0.0.0", "HTTP_PORT": "8443"}, {"HOST": "0.0.0.0", "HTTP_PORT": "x"}, {"TLS_KEY": "/none"},
     {"TLS_KEY": "/none", "TLS_CERTIFICATE": "/none"}],
)  # fmt: skip
def test_settings_that_do_not_fit_stop_it(var: Path, given: dict[str, str]) -> None:
    with pytest.raises(transport.Unfit):
        transport.chosen(8443, "office", given)


def answer(url: str, var: Path) -> Any:
    """The answer to one request, whatever its status; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: Any) -> None:
            return None

    trust = ssl.create_default_context(cafile=str(var / "tls" / "ca.crt"))
    opener = urllib.request.build_opener(
        Stay, urllib.request.HTTPSHandler(context=trust), urllib.request.ProxyHandler({})
    )
    try:
        return opener.open(url, timeout=20)
    except urllib.error.HTTPError as said:
        return said


def serial(port: int, var: Path) -> int:
    trust = ssl.create_default_context(cafile=str(var / "tls" / "ca.crt"))
    with (
        socket.create_connection(("127.0.0.1", port), 10) as line,
        trust.wrap_socket(line, server_hostname="127.0.0.1") as safe,
    ):
        der = safe.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der).serial_number


def shows_another(port: int, var: Path, old: int) -> bool:
    """Whether the web server answers with another certificate; while it changes over, its port may be closed for a moment."""
    try:
        return serial(port, var) != old
    except ConnectionError:
        return False


@pytest.mark.slow
def test_the_office_on_a_network_address(new_var: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One start for all of it: HTTPS, no plain http beside the one page, a new certificate without a restart."""
    var, port, plain = new_var(), free_port(), free_port()
    running = open_office(var, port, HOST="0.0.0.0", OFFICE_HOSTS="127.0.0.1", HTTP_PORT=str(plain))
    try:
        until_open(running)
        first = answer(f"https://127.0.0.1:{port}/sign-in/", var)
        assert (first.status, first.headers["Location"]) == (302, "/setup/")
        door = answer(f"https://127.0.0.1:{port}/setup/", var)
        assert door.status == 200 and "max-age=31536000" in door.headers["Strict-Transport-Security"]
        cookies = door.headers.get_all("Set-Cookie") or []
        assert cookies and all("Secure" in cookie for cookie in cookies)
        install = answer(f"https://127.0.0.1:{port}/ca/", var).read().decode()
        certificate = answer(f"https://127.0.0.1:{port}/ca/office-ca.crt", var).read()
        monkeypatch.setenv("OFFICE_VAR", str(var))
        assert tls.fingerprint().replace(":", "")[:8] in install
        assert (
            x509.load_der_x509_certificate(certificate).fingerprint(tls.hashes.SHA256()).hex(":").upper()
            == tls.fingerprint()
        )

        with pytest.raises((OSError, http.client.HTTPException)):  # a TLS alert, or nothing: no page
            answer(f"http://127.0.0.1:{port}/", var)
        for path, status in (("/", 200), ("/sign-in/", 403), ("/office-ca.crt", 200), ("/style.css", 200)):
            led = answer(f"http://127.0.0.1:{plain}{path}", var)
            assert (led.status, led.headers["Set-Cookie"]) == (status, None)
        assert f"https://127.0.0.1:{port}/" in answer(f"http://127.0.0.1:{plain}/", var).read().decode()

        old = serial(port, var)
        tls.files().chain.unlink()
        assert tls.ensure(("127.0.0.1", "::1"))
        web = next(pid for pid in descendants(running.pid) if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes())
        parents = [pid for pid in descendants(running.pid) if web in descendants(pid)]
        os.kill(parents[0] if parents else web, signal.SIGHUP)
        wait_until(lambda: shows_another(port, var, old), 30)
    finally:
        running.terminate()
        running.wait(90)


def test_a_renewed_certificate_is_handed_to_the_web_server(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []

    class Web:
        pid = 12345

        def send_signal(self, number: int) -> None:
            told.append(number)

    way = transport.chosen(8443, "office", {"HOST": "0.0.0.0", "OFFICE_HOSTS": "xinfang.lan"})
    children = [office.Child("web", Web())]  # type: ignore[arg-type]
    office.keep_certificate(way, children)
    assert told == []
    tls.files().chain.unlink()
    office.keep_certificate(way, children)
    assert told == [signal.SIGHUP]
