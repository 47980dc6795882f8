"""Do pages look the same where the packages' later features are unknown?  Chromium 109 drops what it does not know; so do we here."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Route

from accounts.actor import Actor
from tests.cast import Cast
from tests.makes import Makes
from tests.stories.stage import DESK, PHONE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What the packages' style sheets use and Chromium 109 does not know (config/baseline.py): an unknown function falls out the same way.
_LATER = re.compile(r"(?<![\w-])((?:color-mix|light-dark|oklch|oklab|lab|lch|color)\()")


_NOTHING = re.compile(r"(?<![\w-])(margin|padding|box-sizing|display|border-collapse|vertical-align)\b")
HARDLY = 48  # of 255: edges are not smoothed alike twice; a colour, a line or a place that changes is further off
_FURTHEST = """async ([one, other]) => {
  const read = async (text) => {
    const image = new Image();
    image.src = `data:image/png;base64,${text}`;
    await image.decode();
    const board = new OffscreenCanvas(image.width, image.height).getContext('2d');
    board.drawImage(image, 0, 0);
    return { size: `${image.width}x${image.height}`, data: board.getImageData(0, 0, image.width, image.height).data };
  };
  const [a, b] = [await read(one), await read(other)];
  return a.size !== b.size ? 255 : a.data.reduce((most, value, at) => Math.max(most, Math.abs(value - b.data[at])), 0);
}"""


class Sheets:
    """The packages' style sheets, read without some words; ``seen`` counts them."""

    def __init__(self, without: re.Pattern[str]) -> None:
        self.without, self.seen = without, 0

    def __call__(self, route: Route) -> None:
        """Hand a sheet on."""
        response = route.fetch()
        self.seen += 1
        route.fulfill(response=response, body=self.without.sub(r"unknown-\1", response.text()))


def pictures(page: Any, address: str) -> list[str]:
    """The page at both widths, without a blinking caret, in base64."""
    found = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        shot = page.screenshot(full_page=True, animations="disabled", caret="hide")
        found.append(base64.b64encode(shot).decode())
    return found


def furthest(stage: Stage, actor: Actor, path: str, without: re.Pattern[str]) -> int:
    """By how much the page's colours differ at most where the packages' sheets are read without some words (0 to 255)."""
    now = pictures(stage.seat(actor, path), stage.address + path)
    old, sheets = stage.seat(actor, path), Sheets(without)
    old.route("**/vendor/**/*.css", sheets)
    then = pictures(old, stage.address + path)
    assert sheets.seen
    judge = stage.window()
    return max(judge.evaluate(_FURTHEST, list(pair)) for pair in zip(now, then, strict=True))


def test_no_page_changes_without_what_came_after_the_floor(office: Cast, ready: Makes, stage: Stage) -> None:
    run = ready.handling()
    rooms = (
        (office.registrar, "/"), (office.registrar, "/register/"), (office.triage, "/petitions/"),
        (office.handler, f"/petitions/{run.petition.ref}/"), (office.system_admin, "/manage/people/"),
        (office.system_admin, "/manage/local-rules/add/"),
    )  # fmt: skip
    assert {path: most for actor, path in rooms if (most := furthest(stage, actor, path, _LATER)) > HARDLY} == {}


def test_a_page_that_does_change_is_seen(office: Cast, stage: Stage) -> None:
    assert furthest(stage, office.system_admin, "/manage/people/", _NOTHING) > HARDLY
