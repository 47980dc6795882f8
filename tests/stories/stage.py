"""Where is a story played?  People at windows of their own; every page they meet is looked at, every complaint is kept."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error

from accounts.actor import Actor

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# A refused form is an answer, and Chromium writes a line for it: these are no faults of a page.
_ANSWERS = re.compile(r"(Failed to load resource: .* status of|Response Status Error Code) (401|403|404|409|422|429)\b")
_AXE = Axe().axe_script
# Preloading would copy our style sheets into an inline one, which the policy forbids.
_OPTIONS = {"preload": False, "resultTypes": ["violations"]}
# What the page's own policy forbade is told by the browser as an event, also where its console stays silent.
_POLICY = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""
# A click returns before the page that it leads to is there. What leaves is marked by the page itself; a download leaves nothing.
_LEAVING = """(() => {
  const leave = () => { window.isLeaving = true; setTimeout(() => { window.isLeaving = false; }, 3000); };
  window.navigation?.addEventListener('navigate', (event) => { if (!event.destination.sameDocument && event.downloadRequest === null) leave(); });
  window.addEventListener('submit', (event) => { if (!event.defaultPrevented) leave(); });
})()"""
_BUSY = """async () => {
  const plain = () => [...document.querySelectorAll('select[data-search]')].filter((select) =>
    select.dataset.search !== 'off' && document.body.dataset.tomSelect && !select.tomselect);
  const busy = () => [window.isLeaving && 'leaving', document.readyState !== 'complete' && document.readyState,
    document.querySelector('.htmx-request') && 'asking', plain().length && `plain list ${plain()[0].name}`].filter(Boolean).join(', ');
  for (const end = performance.now() + 10000; busy() && performance.now() < end;) await new Promise((done) => setTimeout(done, 20));
  return busy();
}"""


@dataclass
class Stage:
    """The office's address, the browser, and what the pages complained of."""

    address: str
    browser: Any
    story: str
    contexts: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    pictures: int = 0

    def window(self, size: dict[str, int] = DESK, **more: Any) -> Any:
        """A page of somebody who is not signed in, in a browser of his own."""
        context = self.browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", **more
        )
        context.set_default_timeout(15_000)
        context.add_init_script(_POLICY)
        context.add_init_script(_LEAVING)
        context.on("page", self._listen)
        self.contexts.append(context)
        return context.new_page()

    def seat(self, actor: Actor, path: str = "/", size: dict[str, int] = DESK, **more: Any) -> Any:
        """A page of ``actor``, signed in and in that post, at ``path``."""
        client = Client()
        client.force_login(actor.user)
        session = client.session
        session["post"] = actor.post.pk
        session.save()
        page = self.window(size, **more)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        page.goto(self.address + path)
        return page

    def look(self, page: Any, name: str, *sizes: dict[str, int]) -> None:
        """Look at the page at both widths (or at ``sizes``): axe finds nothing, nothing is pushed sideways; no head lies over its rows; a picture where asked."""
        before = page.viewport_size
        self.pictures += 1
        for size in sizes or (DESK, PHONE):
            page.set_viewport_size(size)
            settled(page)
            self._examine(page, name, size["width"])
        page.set_viewport_size(before)

    def last_seen(self) -> str:
        """Address and words of every open page, for whoever reads why a story broke off."""
        pages = [page for context in self.contexts for page in context.pages]
        for number, page in enumerate(pages):
            self._shoot(page, f"broken-{number}")
        return "\n".join(f"{page.url}\n{page.locator('body').inner_text()[:1500]}\n" for page in pages)

    def _shoot(self, page: Any, name: str) -> None:
        """A picture of the whole page, where a folder for pictures is given."""
        folder = os.environ.get("STORY_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = Path(folder) / f"{self.story}-{self.pictures:02}-{name}.png"
            page.screenshot(path=path, full_page=True, caret="initial")

    def _examine(self, page: Any, name: str, width: int) -> None:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(_AXE)
        found = page.evaluate("options => axe.run(document, options)", _OPTIONS)["violations"]
        said = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
        self.complaints += [f"{name} at {width}: axe {line}" for line in said]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            self.complaints.append(f"{name} at {width}: wider than the window: {page.evaluate(_WIDEST, width)}")
        self.complaints += [f"{name} at {width}: a head lies over its rows: {head}" for head in page.evaluate(_COVERED)]
        self._shoot(page, f"{name}-{width}")

    def _listen(self, page: Any) -> None:
        page.on("console", lambda said: self._note(page, said.type, said.text))
        page.on("pageerror", lambda error: self._note(page, "error", str(error)))
        page.on("response", lambda answer: self._answered(answer))

    def _note(self, page: Any, kind: str, text: str) -> None:
        if kind == "error" and not _ANSWERS.match(text):
            self.complaints.append(f"{page.url}: {text}")

    def _answered(self, answer: Any) -> None:
        missing = (
            answer.status == 404 and answer.request.resource_type != "document"
        )  # a page may say that; a part may not
        if missing or answer.status >= 500:
            self.complaints.append(f"{answer.url}: {answer.status}")

    def close(self) -> None:
        """Close every window and say what was complained of."""
        for context in self.contexts:
            context.close()
        assert not self.complaints, "\n".join(dict.fromkeys(self.complaints))


_WIDEST = """(width) => [...document.querySelectorAll('body *')].filter((part) =>
  part.getBoundingClientRect().right > width + 1).slice(0, 3).map((part) => part.outerHTML.slice(0, 120)).join(' | ')"""

# Heads that stay in sight may cover rows once something is scrolled; before that, none does.
_COVERED = """() => [...document.querySelectorAll('table')].filter((table) => {
  const head = table.tHead && table.tHead.querySelector('th'), row = table.tBodies[0] && table.tBodies[0].rows[0];
  const seen = (part) => part && part.getClientRects().length && part.getBoundingClientRect().height > 2;
  if (!seen(head) || !seen(row) || table.parentElement.scrollTop) return false;
  if (getComputedStyle(row).display !== 'table-row') return false;  // a sheet on a phone: its head is read aloud alone
  return row.getBoundingClientRect().top > 60 && head.getBoundingClientRect().bottom > row.getBoundingClientRect().top + 2;
}).map((table) => table.tHead.textContent.trim().slice(0, 60))"""


class Keys:
    """Ten fingers: every stroke is counted but those of the narrative; a chord is one stroke."""

    def __init__(self, page: Any) -> None:
        self.board, self.strokes = page.keyboard, 0

    def press(self, *keys: str) -> None:
        """Press keys or chords."""
        for key in keys:
            self.board.press(key)
            self.strokes += 1

    def write(self, text: str) -> None:
        """Type letters and digits, each of them a stroke."""
        self.board.type(text)
        self.strokes += len(text)

    def narrate(self, text: str) -> None:
        """What the petitioner says, through an input method: not counted."""
        self.board.insert_text(text)

    def swipe(self, line: str) -> None:
        """The card reader types a line and Enter: no finger of the clerk's."""
        self.board.insert_text(line)
        self.board.press("Enter")


def settled(page: Any) -> None:
    """Wait until the page that the last click leads to stands, answered and with its searched lists made."""
    for _ in range(5):
        try:
            assert not (busy := page.evaluate(_BUSY)), f"{page.url} is still busy: {busy}"
            return
        except Error as gone:  # the page asked went away; the next one is asked
            if "context was destroyed" not in str(gone):
                raise
    raise AssertionError(f"{page.url} goes away again and again")


def choose(page: Any, name: str, value: int | str) -> None:
    """Choose in a list by its value, a searched one too, once the page has made it one."""
    settled(page)
    page.locator(f"[name='{name}']").evaluate(
        "(field, value) => field.tomselect ? field.tomselect.setValue(value) : field.value = value", str(value)
    )


def focused(page: Any, name: str) -> None:
    """Wait until the field of that name has the focus (no function is waited for: the policy forbids eval)."""
    page.locator(f"[name='{name}']:focus").wait_for()


# --- steps in place ----------------------------------------------------------------------------------------------


def go(page: Any, label: str) -> None:
    """Go to a room by the menu, opening what it is folded under."""
    menu = page.locator("nav[aria-label='主菜单']")
    link = menu.locator("a", has_text=label).first
    if not link.is_visible():
        menu.locator("details", has=page.locator("a", has_text=label)).locator("summary").click()
    link.click()


def open_step(page: Any, label: str) -> None:
    """Press a step's button in the rail; its form opens in the page."""
    page.locator("#rail .steps a").get_by_text(label, exact=True).click()
    page.locator(f"#step h2:has-text('{label}')").wait_for()


def fill(page: Any, **fields: str) -> None:
    """Fill in the open step: words are typed, a choice is ticked, a searched list is asked by name."""
    settled(page)
    for name, value in fields.items():
        field = page.locator(f"#step [name='{name}']")
        kind = field.first.evaluate("field => field.tomselect ? 'searched' : field.type")
        if kind == "searched":
            _search(page, field.get_attribute("id"), value)
        elif kind in ("radio", "checkbox"):
            page.locator(f"#step [name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)


def _search(page: Any, field_id: str, words: str) -> None:
    page.locator(f"#{field_id}-ts-control").fill(words)
    page.locator(f"#{field_id}-ts-dropdown [data-selectable]").get_by_text(words).first.click()


def send(page: Any, label: str) -> None:
    """Send the open step and wait until the page says that it was taken."""
    page.click("#step [data-primary]")
    page.locator(f"#messages:has-text('已{label}')").wait_for()


def take(page: Any, label: str, **fields: str) -> None:
    """Open a step, fill it in and send it."""
    open_step(page, label)
    fill(page, **fields)
    send(page, label)
