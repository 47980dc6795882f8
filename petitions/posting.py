"""How does a message reach another system?  One POST to the very address that was entered, and nowhere it points to.

The address is resolved here and connected to as resolved, so that a name cannot mean another machine between the look and
the call.  What a machine of ours could be made to ask by accident is refused: link-local and cloud metadata addresses.  The
other side's answer is its status and no more; everything together has a few seconds.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SECONDS = 8.0  # for the whole of it, from the first byte sent to the status read
SECRET_MARK = "whsec_"  # noqa: S105  (the mark, not a secret: https://www.standardwebhooks.com)
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r\n]")
_LONGEST_STATUS = 1024
_PLAIN = re.compile(r"[!-~]+")
# Cloud machines answer with their own keys there; two lie outside the link-local ranges.
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254")))


class NotDelivered(Exception):
    """The other side was not reached, or did not take it; the words are for the page of failures."""


def fault(url: str) -> str:
    """Return in words what is wrong with an address that is to be told of changes; ``""`` where nothing is."""
    if not _PLAIN.fullmatch(url) or "\\" in url:
        return "地址只能用可见的 ASCII 字符。"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "这不是一个完整的地址。"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "请填写完整的地址，例如 https://oa.example.gov.cn/hook。"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "地址里不能有帐号、密码或者 # 后面的部分。"
    if parts.scheme == "http" and not _is_loopback_name(parts.hostname):
        return "必须用 https；http 只能用于本机（127.0.0.1）。"
    literal = _literal(parts.hostname)
    if literal is not None and not allowed(literal, loopback_only=parts.scheme == "http"):
        return "这个地址不能推送：本机链路、组播或者云主机的元数据地址。"
    return ""


def _is_loopback_name(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def allowed(address: Address, *, loopback_only: bool = False) -> bool:
    """Whether a machine at ``address`` may be told anything; addresses of the office's own network may."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if loopback_only:
        return address.is_loopback
    barred = address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA
    return not barred and (address.is_loopback or not address.is_reserved)


def signed(secret: str, reference: str, moment: int, body: bytes) -> dict[str, str]:
    """Return the three headers by which the receiver knows who sent ``body`` and when (Standard Webhooks).

    Args:
        reference: the same at every try, so that what has been taken already can be dropped.
        moment: Unix time of this try; an old one is a replay.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    mark = hmac.digest(key, f"{reference}.{moment}.".encode() + body, "sha256")
    return {
        "webhook-id": reference,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS) -> int:
    """Send ``body``; return the other side's status (2xx) when it has taken it.

    Raises:
        NotDelivered: it was not reached in time, or answered otherwise; a redirection is not followed.
    """
    if wrong := fault(url):
        raise NotDelivered(wrong)
    parts, until = urlsplit(url), time.monotonic() + seconds
    try:
        status = _asked(parts, _request(parts, body, headers), until)
    except TimeoutError:
        raise NotDelivered("对方没有在规定时间内回答") from None
    except ssl.SSLError as error:
        raise NotDelivered(
            f"对方的证书或加密连接不对（{getattr(error, 'verify_message', '') or error.reason}）"
        ) from None
    except OSError as error:
        raise NotDelivered(f"连接不上（{type(error).__name__}）") from None
    if 300 <= status < 400:
        raise NotDelivered(f"对方要求转到别处（{status}），没有照办")
    if not 200 <= status < 300:
        raise NotDelivered(f"对方回答 {status}")
    return status


def _request(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = {
        "Host": parts.netloc, "Content-Type": "application/json", "Content-Length": str(len(body)),
        "User-Agent": "xinfang-office", "Connection": "close", **headers,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _asked(parts: SplitResult, request: bytes, until: float) -> int:
    with _connected(parts, until) as line:
        line.settimeout(_left(until))
        line.sendall(request)
        return _status(line, until)


def _connected(parts: SplitResult, until: float) -> socket.socket:
    host, plain = str(parts.hostname), parts.scheme == "http"
    port = parts.port or (80 if plain else 443)
    line = socket.create_connection((_resolved(host, port, loopback_only=plain), port), timeout=_left(until))
    if plain:
        return line
    try:
        line.settimeout(_left(until))
        return ssl.create_default_context().wrap_socket(line, server_hostname=host)
    except BaseException:
        line.close()
        raise


def _resolved(host: str, port: int, *, loopback_only: bool) -> str:
    """The address to connect to; a name that means one barred address among others is not connected to at all."""
    found = [
        ipaddress.ip_address(str(row[4][0]).split("%")[0])
        for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ]
    if not found or not all(allowed(one, loopback_only=loopback_only) for one in found):
        raise NotDelivered("这个地址不能推送：本机链路、组播或者云主机的元数据地址。")
    return str(found[0])


def _status(line: socket.socket, until: float) -> int:
    """The status out of the first line of the answer; nothing else of it is read."""
    said = b""
    while b"\n" not in said and len(said) < _LONGEST_STATUS:
        line.settimeout(_left(until))
        more = line.recv(_LONGEST_STATUS)
        if not more:
            break
        said += more
    found = _STATUS.match(said)
    if found is None:
        raise NotDelivered("对方的回答不是 HTTP")
    return int(found[1])


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
