"""Who sits where?  A browser for each post of the demo county, signed in when it is first needed."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.models import Role
from petitions.demo.county import PASSWORD, County
from petitions.walk.browser import Browser, Page, PageRefused


class Desk:
    """The people of one thread, each at a browser of their own."""

    def __init__(self, address: str, county: County, times: list[float]) -> None:
        self.address, self.county, self.times = address, county, times
        self._open: dict[int, Browser] = {}
        self._by_post = county.by_post()

    def at(self, department: int, role: Role) -> Browser:
        """The browser of somebody who holds ``role`` in the body ``department`` (an id).

        Raises:
            PageRefused: nobody does.
        """
        people = self._by_post.get((department, role))
        if not people:
            raise PageRefused(404, f"nobody is {role} in body {department}")
        return self.of(people[0])

    def of(self, actor: Actor) -> Browser:
        """The actor's browser, signed in and in that very post."""
        if actor.post.pk not in self._open:
            browser = self._open[actor.post.pk] = Browser(self.address, times=self.times)
            _sign_in(browser, actor)
        return self._open[actor.post.pk]

    def visitor(self) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self.address, times=self.times)


def _sign_in(browser: Browser, actor: Actor) -> None:
    form = browser.open("/sign-in/").form("username")
    page = browser.send(form, username=actor.user.username, password=PASSWORD)
    _switch(browser, page, actor.post.pk)


def _switch(browser: Browser, page: Page, post: int) -> None:
    """Choose the post in the menu of the header, where the person holds several."""
    if f'name="post" value="{post}"' in page.text:
        browser.send(page.form_to("/post/"), post=str(post))
