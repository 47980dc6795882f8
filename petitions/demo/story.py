"""What is one kind of history of the demo?  A row: its steps in order, how long ago the last one was, and what is special.

A path is written as steps with spaces between; ``step:word`` tells the step something.  ``^`` marks the step that is
placed so that the clock it starts (``due``) runs out the given days from today; the steps before it are counted back.
"""

from __future__ import annotations

from dataclasses import dataclass

SIGNED = "register transfer sign_for"
HELD = f"{SIGNED} accept"
DRAFT = f"{HELD} interview draft"
ISSUED = f"{DRAFT} check sign"
AGREED = f"{ISSUED} deliver:agrees"
REFUSED = f"{ISSUED} deliver:disagrees"
CONFIRMED = f"{AGREED} close confirm_closure"
LAPSED = f"{REFUSED} close:lapsed confirm_closure"


@dataclass(frozen=True)
class Story:
    """One kind of history.

    Attributes:
        weight: how often it comes once every kind has come once.
        age: days since the last step, at least and at most.
        due: clock, and how many days from today it runs out, at least and at most; empty = ``age`` decides.
        traits: what is special about the filing (see ``petitions.demo.hands``).
        unit: who gets it, by code; empty = whom its content belongs to.
    """

    name: str
    weight: int
    path: str
    age: tuple[int, int] = (0, 3)
    due: tuple[str, int, int] | None = None
    traits: tuple[str, ...] = ()
    unit: str = ""


def steps_of(story: Story) -> list[str]:
    """The steps in order, without the mark."""
    return [step.lstrip("^") for step in story.path.split()]


def anchor_of(story: Story) -> int:
    """Which step is placed first: the marked one, or the last."""
    marked = [index for index, step in enumerate(story.path.split()) if step.startswith("^")]
    return marked[0] if marked else len(story.path.split()) - 1
