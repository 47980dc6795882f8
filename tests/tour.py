"""How do the pages look?  Pictures of the demo county for the README, taken by a real browser: ``.venv/bin/python -m tests.tour``.

Opens a demo office of its own in a temporary folder, signs in as the demo's people, writes ``docs/img/*.png`` (or into the
folder given as argument) and closes the office again.  ``--var FOLDER`` goes on with a demo that a kept folder holds.
"""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded import ROOT
from tests.servers import CHROMIUM_FLAGS, chromium

DESK, PHONE = (1440, 900), (390, 844)
PORT = int(os.environ.get("PORT", "8178"))
LARGEST = 150_000  # bytes of one picture

# Run in the browser: the picture with at most 256 colours, as indices and palette.  Colours that are alike (the same in
# steps of ``1 << shift``) count as their commonest one; the commonest stay, every other takes the nearest of them.
_REDUCE = """async ([url, shift]) => {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const {width, height} = image, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const raw = pen.getImageData(0, 0, width, height).data, count = new Map(), colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++) {
    colours[i] = raw[4*i] << 16 | raw[4*i + 1] << 8 | raw[4*i + 2];
    count.set(colours[i], (count.get(colours[i]) || 0) + 1);
  }
  const alike = c => (c >> 16 >> shift) << 16 | ((c >> 8 & 255) >> shift) << 8 | (c & 255) >> shift;
  const families = new Map();
  for (const [colour, many] of [...count].sort((a, b) => b[1] - a[1])) {
    const family = families.get(alike(colour));
    if (family) family.many += many; else families.set(alike(colour), {colour, many});
  }
  const palette = [...families.values()].sort((a, b) => b.many - a.many).slice(0, 256).map(family => family.colour);
  const far = (a, b) => Math.abs((a >> 16) - (b >> 16)) + Math.abs((a >> 8 & 255) - (b >> 8 & 255)) + Math.abs((a & 255) - (b & 255));
  const place = new Map();
  for (const colour of count.keys()) {
    const own = families.get(alike(colour)).colour;
    let best = 0;
    for (let i = 1; i < palette.length; i++) if (far(own, palette[i]) < far(own, palette[best])) best = i;
    place.set(colour, best);
  }
  const indices = colours.map(colour => place.get(colour)), parts = [];
  for (let i = 0; i < indices.length; i += 32768) parts.push(String.fromCharCode(...indices.subarray(i, i + 32768)));
  return {width, height, palette, indices: btoa(parts.join(''))};
}"""


def say(text: str) -> None:
    """One line to the person at the terminal."""
    sys.stdout.write(f"{text}\n")


# --- the office ------------------------------------------------------------------------------------------------------


@contextmanager
def open_office(var: Path) -> Iterator[str]:
    """A demo office on ``var``; gives its address.  What it says goes to a file: a full pipe would stop it."""
    environment = os.environ | {"PORT": str(PORT), "OFFICE_VAR": str(var), "OFFICE_MODE": "demo", "WEB_WORKERS": "1"}
    said = var / "tour.log"
    with said.open("w") as out:
        office = subprocess.Popen(
            [sys.executable, "-m", "config.office"], cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        while "Ctrl-C closes it" not in said.read_text():
            if office.poll() is not None:
                raise SystemExit(f"The office did not open:\n{said.read_text()}")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        office.terminate()
        office.wait(timeout=90)


@dataclass
class Tour:
    """A browser in the office: who is signed in where, and where pictures go."""

    browser: Any
    address: str
    folder: Path

    def as_person(self, username: str, size: tuple[int, int] = DESK) -> Any:
        """A page in which ``username`` is signed in."""
        from petitions.demo.people import PASSWORD

        page = self.page(size)
        page.goto(f"{self.address}/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{self.address}/")
        return page

    def page(self, size: tuple[int, int] = DESK) -> Any:
        """A page of somebody who is not signed in."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        return context.new_page()

    def take(self, page: Any, name: str) -> None:
        """One picture of what the window shows."""
        page.wait_for_load_state("networkidle")
        picture = page.screenshot(animations="disabled", caret="hide")
        path = self.folder / f"{name}.png"
        for shift in (2, 3, 4, 5):
            path.write_bytes(self._small(picture, shift))
            if path.stat().st_size <= LARGEST:
                break
        say(f"{path.name}: {path.stat().st_size // 1000} kB")
        page.context.close()

    def _small(self, picture: bytes, shift: int) -> bytes:
        blank = self.browser.new_page()
        url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        found = blank.evaluate(_REDUCE, [url, shift])
        blank.close()
        return png(found["width"], found["height"], found["palette"], base64.b64decode(found["indices"]))


def png(width: int, height: int, palette: list[int], indices: bytes) -> bytes:
    """A PNG of one byte a pixel; ``palette`` holds colours as 0xRRGGBB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + indices[row * width : (row + 1) * width] for row in range(height))
    colours = b"".join(colour.to_bytes(3, "big") for colour in palette)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"PLTE", colours) + chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


# --- which matters are worth a picture -------------------------------------------------------------------------------


def in_tray(username: str, tray: str) -> Any:
    """A matter with some history that waits in a tray of the body that ``username`` works for, not overdue if there is one."""
    from django.utils import timezone

    from petitions.models import Petition

    reach = {"reach__department__posts__user__username": username, "reach__tray": tray}
    rows = Petition.objects.filter(**reach).order_by("-events_count", "due", "pk")
    found = rows.filter(due__gte=timezone.localdate()).first() or rows.first()
    if found is None:
        raise SystemExit(f"The demo has nothing in {tray} of {username}.")
    return found


def case(page: Any, tour: Tour, petition: Any, step: str = "") -> None:
    """Open a case page, and on it the form of ``step`` (its label)."""
    page.goto(f"{tour.address}/petitions/{petition.ref}/")
    if step:
        page.get_by_role("link", name=step, exact=True).first.click()
        page.wait_for_selector("#step form")
        page.wait_for_timeout(500)  # the page scrolls to the form
        page.mouse.move(0, 0)
        page.evaluate("window.scrollTo(0, 0)")


# --- the pictures ----------------------------------------------------------------------------------------------------


def counter(tour: Tour) -> None:
    tour.take(tour.as_person("chuangkou1"), "counter")


def registration(tour: Tour) -> None:
    """A second visit: the earlier matter is shown, category and body are suggested."""
    from petitions.models import Petition

    known = Petition.objects.filter(hide_name=False, petitioners__id_number__isnull=False).exclude(due=None)
    person = next(
        row for row in (each.petitioners.first() for each in known.order_by("-pk")[:200]) if row and row.id_number
    )
    page = tour.as_person("chuangkou1")
    page.goto(f"{tour.address}/register/")
    page.fill("[name=p-0-name]", person.name)
    page.fill("[name=p-0-id_number]", person.id_number)
    page.press("[name=p-0-id_number]", "Tab")
    page.fill(
        "[name=content]", "村里征收我家承包田用于道路拓宽，青苗补偿款已经拖了五个月没有发放，多次到村委会询问没有结果。"
    )
    page.press("[name=content]", "Tab")
    page.wait_for_timeout(2500)
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.scrollTo(0, 0)")
    tour.take(page, "register")


def shown(tour: Tour, username: str, path: str, name: str) -> None:
    """A picture of the page at ``path`` as ``username`` sees it."""
    page = tour.as_person(username)
    page.goto(f"{tour.address}{path}")
    tour.take(page, name)


def triage(tour: Tour) -> None:
    shown(tour, "shouli1", "/tray/to_route/", "triage")


def accept(tour: Tour) -> None:
    page = tour.as_person("ziran_qianshou")
    case(page, tour, in_tray("ziran_qianshou", "to_accept"), "受理")
    tour.take(page, "accept")


def handling(tour: Tour) -> None:
    page = tour.as_person("ziran_chengban1")
    case(page, tour, in_tray("ziran_chengban1", "handling"))
    tour.take(page, "case")


def unit(tour: Tour) -> None:
    tour.take(tour.as_person("ziran_juzhang"), "unit")


def confirm(tour: Tour) -> None:
    page = tour.as_person("xinfangjuzhang")
    case(page, tour, in_tray("xinfangjuzhang", "to_confirm"), "审核认定办结")
    tour.take(page, "confirm")


def supervisor(tour: Tour) -> None:
    tour.take(tour.as_person("ducha"), "supervisor")


def search(tour: Tour) -> None:
    shown(tour, "xinfangjuzhang", "/search/?q=补偿", "search")


def opinion(tour: Tour) -> None:
    from petitions.models import Paper

    found = (
        Paper.objects.filter(kind="opinion", department__posts__user__username="ziran_juzhang").order_by("-pk").first()
    )
    if found is None:
        raise SystemExit("The demo has no opinion of the bureau.")
    shown(tour, "ziran_juzhang", f"/papers/{found.ref}/", "opinion")


def plan(tour: Tour) -> None:
    shown(tour, "xinfangjuzhang", "/visits/", "plan")


def reception(tour: Tour) -> None:
    """The latest reception that was held, with what became of every matter."""
    from visits.models import Visit

    held = Visit.objects.filter(status="held").order_by("-day", "-pk").first()
    if held is None:
        raise SystemExit("The demo has no reception that was held.")
    shown(tour, "xinfangjuzhang", f"/visits/{held.ref}/", "reception")


def figures(tour: Tour) -> None:
    shown(tour, "xinfangjuzhang", "/figures/", "figures")


def leader(tour: Tour) -> None:
    tour.take(tour.as_person("fuxianzhang1", PHONE), "leader-phone")


def petitioner(tour: Tour) -> None:
    """The status of a matter that is being handled, opened with a code that the counter has made anew."""
    from petitions import querycode
    from petitions.actions import advance
    from petitions.demo.county import build_county

    petition = in_tray("ziran_chengban1", "to_close")
    filing = petition.filings.order_by("pk").first()
    person = next(party.petitioner for party in filing.parties.select_related("petitioner") if party.petitioner.phone)
    code = querycode.new_code()
    advance(
        "reissue_code", on=filing, by=build_county().named("chuangkou1"), code=code, reason="告知单遗失，本人到窗口领取"
    )
    page = tour.page(PHONE)
    page.goto(f"{tour.address}/q/")
    page.fill("[name=code]", code)
    page.fill("[name=tail]", person.phone[-4:])
    page.click("main button[type=submit]")
    page.wait_for_url("**/q/status/")
    tour.take(page, "status-phone")


PICTURES: tuple[Callable[[Tour], None], ...] = (
    counter, registration, triage, accept, handling, unit, plan, reception, confirm, supervisor, search, figures, opinion, leader,
    petitioner,
)  # fmt: skip


def main() -> int:
    """Take every picture, or those named on the command line; the exit status says whether all were taken."""
    words = sys.argv[1:]
    kept = Path(words.pop(words.index("--var") + 1)) if "--var" in words else None
    names = {word for word in words if not word.startswith("-") and "/" not in word}
    folder = next((Path(word) for word in words if "/" in word), ROOT / "docs" / "img")
    path = chromium()
    if path is None:
        sys.exit("No Chromium here (Debian: apt-get install chromium).")
    folder.mkdir(parents=True, exist_ok=True)
    var = kept or Path(tempfile.mkdtemp(prefix="xf-tour-"))
    if kept is None:
        var.chmod(0o711)  # as root the servers run as a user of their own, who must be able to pass
    os.environ |= {"OFFICE_VAR": str(var), "OFFICE_MODE": "demo", "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ |= {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}  # Playwright's loop runs in this thread
    try:
        with open_office(var) as address:
            return _walk(address, folder, path, names)
    finally:
        if kept is None:
            shutil.rmtree(var, ignore_errors=True)


def _walk(address: str, folder: Path, path: str, names: set[str]) -> int:
    import django
    from playwright.sync_api import Error, sync_playwright

    django.setup()
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*CHROMIUM_FLAGS, "--lang=zh-CN"], env=os.environ | {"LANGUAGE": "zh_CN"}
        )
        for picture in PICTURES:
            if names and picture.__name__ not in names:
                continue
            try:
                picture(Tour(browser, address, folder))
            except (Error, SystemExit, StopIteration, AttributeError) as wrong:
                failed.append(picture.__name__)
                say(f"{picture.__name__}: {wrong}")
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
