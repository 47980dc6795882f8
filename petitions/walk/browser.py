"""What does a person's browser do?  Keep cookies, open pages, fill in the forms it finds there, send them, read what is said."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

MOST_HOPS = 5
_SUMMARY = re.compile(r'<div class="errors".*?</div>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class PageRefused(Exception):
    """The office said no: ``status`` and what it said."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.status, self.words = status, words


@dataclass
class Form:
    """A form as found on a page: where it is sent, its fields with their values, the values its choices offer."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    """What came back: address, status, text."""

    url: str
    status: int
    text: str

    @property
    def words(self) -> str:
        """What the page's error summary or notices say, without marks."""
        found = _SUMMARY.search(self.text) or re.search(r"<main.*?</main>", self.text, re.DOTALL)
        return " ".join(unescape(_TAG.sub(" ", found.group(0))).split())[:300] if found else ""

    def form(self, holding: str) -> Form:
        """The form that has a field named ``holding``.

        Raises:
            PageRefused: the page has none.
        """
        for form in _Forms.of(self.text):
            if holding in form.fields or holding in form.offered:
                form.action = urljoin(self.url, form.action or self.url)
                return form
        raise PageRefused(self.status, f"no form with {holding}: {self.words}")

    def form_to(self, path: str) -> Form:
        """The form that is sent to the address ``path``.

        Raises:
            PageRefused: the page has none.
        """
        for form in _Forms.of(self.text):
            if form.action == path:
                form.action = urljoin(self.url, path)
                return form
        raise PageRefused(self.status, f"no form to {path}: {self.words}")

    def link(self, pattern: str) -> str:
        """The first address on the page that fits ``pattern`` (a regular expression), or empty."""
        found = re.search(rf'href="({pattern})"', self.text)
        return unescape(found.group(1)) if found else ""


class _Forms(HTMLParser):
    """Collects every form of a page with the values a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = self._text = ""
        self._template = 0

    @classmethod
    def of(cls, text: str) -> list[Form]:
        """Every form in ``text``."""
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a form, or note a field."""
        told = {name: value or "" for name, value in attrs}
        if tag == "template":
            self._template += 1
        if tag == "form":
            self._form = Form(told.get("action", ""))
            self.found.append(self._form)
        if self._form is None or self._template:
            return
        if tag == "input":
            self._input(told)
        elif tag == "select":
            self._select = told.get("name", "")
            self._form.offered[self._select] = []
        elif tag == "option" and self._select:
            self._option(told)
        elif tag == "textarea":
            self._text = told.get("name", "")
            self._form.fields[self._text] = ""

    def _input(self, told: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = told.get("name", ""), told.get("type", "text")
        if not name or kind in ("submit", "file", "button"):
            return
        if kind in ("radio", "checkbox"):
            self._form.offered.setdefault(name, []).append(told.get("value", "on"))
            if "checked" not in told:
                return
        self._form.fields[name] = told.get("value", "on" if kind == "checkbox" else "")

    def _option(self, told: dict[str, str]) -> None:
        assert self._form is not None
        self._form.offered[self._select].append(told.get("value", ""))
        if "selected" in told or self._select not in self._form.fields:
            self._form.fields[self._select] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Close what was open."""
        if tag == "template":
            self._template -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        """The text of a text area."""
        if self._text and self._form is not None:
            self._form.fields[self._text] += data


class Browser:
    """One person at one computer; not shared between threads."""

    def __init__(self, address: str, *, times: list[float] | None = None) -> None:
        self.host = urlsplit(address).netloc
        self.base = address
        self.cookies: dict[str, str] = {}
        self.times = times if times is not None else []
        self._line: HTTPConnection | None = None

    def open(self, path: str) -> Page:
        """GET a page, following where it leads."""
        return self._ask("GET", urljoin(self.base, path), "")

    def send(self, form: Form, **values: str) -> Page:
        """POST a form with ``values`` in place of what stands in it.

        Raises:
            PageRefused: the answer is a refusal.
        """
        page = self._ask("POST", form.action, urlencode(form.fields | values))
        if page.status >= 400:
            raise PageRefused(page.status, page.words)
        return page

    def part(self, path: str, form: Form, **values: str) -> Page:
        """POST a form's fields to another address of the page, as htmx does for a part of it."""
        return self._ask("POST", urljoin(self.base, path), urlencode(form.fields | values), part=True)

    def _ask(self, method: str, url: str, body: str, *, part: bool = False) -> Page:
        for _ in range(MOST_HOPS):
            status, text, where = self._once(method, url, body, part=part)
            if status not in (301, 302, 303):
                return Page(url, status, text)
            method, url, body = "GET", urljoin(url, where), ""
        raise PageRefused(508, "too many redirections")

    def _once(self, method: str, url: str, body: str, *, part: bool) -> tuple[int, str, str]:
        headers = {"Host": self.host, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base.rstrip("/")}
        if part:
            headers["HX-Request"] = "true"
        parts = urlsplit(url)
        started = time.perf_counter()
        answer = self._answer(method, parts.path + (f"?{parts.query}" if parts.query else ""), body or None, headers)
        text = answer.read().decode(errors="replace")
        self.times.append(time.perf_counter() - started)
        for given in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(given).items()}
        return answer.status, text, answer.headers.get("Location", "")

    def _answer(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> HTTPResponse:
        """Ask on the line kept open; one that the server has closed meanwhile is opened anew, as browsers do."""
        if self._line is not None:
            try:
                self._line.request(method, path, body, headers)
                return self._line.getresponse()
            except (RemoteDisconnected, ConnectionError):
                self._line.close()
        self._line = HTTPConnection(self.host, timeout=60)
        self._line.request(method, path, body, headers)
        return self._line.getresponse()
