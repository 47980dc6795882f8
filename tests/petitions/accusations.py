"""Sealed reports for tests: a list of names by the two hands that make one, and reports as far along as a test asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.actor import Actor
from accounts.dates import today
from accounts.models import Department, DepartmentKind
from petitions import limits
from petitions.accusations import roll
from petitions.accusations.intake import Reporter, Told, receive
from petitions.accusations.verbs import advance
from petitions.models import Accusation
from tests.cast import SINCE, Cast

WORDS = "反映土地所副所长钱某在补偿款发放中收受好处，请查处。"


def last_year() -> int:
    """The newest year that is over: nothing can be dated back into it any more."""
    return (today() - timedelta(days=limits.backdate_days())).year - 1


class Sealed:
    """The sealed room of a cast: ``first`` and ``second`` receive, ``auditor`` reads who read."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.first, self.second, self.auditor = cast.registrar2, cast.conference, cast.rereviewer2
        for actor, duty in ((self.first, "handle"), (self.second, "handle"), (self.auditor, "audit")):
            self.put(actor, duty)
        self.discipline = self.body("T-JW", "中共浦江县纪律检查委员会", DepartmentKind.DISCIPLINE, cast.county)
        self.organisation = self.body("T-ZZ", "中共浦江县委组织部", DepartmentKind.COMMISSION, cast.county)
        self.below = self.body("T-ZR-1", "土地所", DepartmentKind.INNER, cast.bureau)

    def lead(self) -> None:
        """Name the two whom a grave report is laid before: the county's leader as the party's, the other for cadres."""
        self.put(self.cast.leader, "party")
        self.put(self.cast.other_leader, "cadres")

    def put(self, actor: Actor, duty: str = "handle") -> None:
        """Put a person on the list: the office head proposes, the security administrator confirms; then who is on it."""
        on = roll.in_force().filter(duty="handle").exclude(user=actor.user).first()
        change = roll.propose(
            self.cast.head,
            what="add",
            user=actor.user,
            duty=duty,
            valid_from=today(),
            valid_to=None,
            reason="县委会议决定",
        )
        confirms = self.cast.security_admin if on is None else Actor(user=on.user, post=on.user.posts.get())
        roll.decide(change, by=confirms, agreed=True)

    def body(self, code: str, name: str, kind: DepartmentKind, parent: Department) -> Department:
        """One more body of the place."""
        row = Department.objects.create(
            code=code, name=name, short_name=name.removeprefix("中共浦江县"), kind=kind, parent=parent, valid_from=SINCE
        )
        row.path = f"{parent.path}{row.pk}/"
        row.save(update_fields=["path"])
        return row

    def received(self, **more: Any) -> Accusation:
        """A report about the bureau, told at the counter under a name."""
        told: dict[str, Any] = {
            "content": WORDS, "reporters": [Reporter("赵举", "", "13900000077", "檀溪镇寺前村2号")], "accused": ["钱某"],
            "accused_units": [self.cast.bureau],
        }  # fmt: skip
        return receive(Told(**(told | more)), by=self.first)

    def take(self, row: Accusation, step: str, by: Actor | None = None, **said: Any) -> Accusation:
        """Take a step and return the report as it then is."""
        advance(step, on=row, by=by or self.first, **said)
        row.refresh_from_db()
        return row

    def examined(self, **more: Any) -> Accusation:
        """Examined: the bureau and a person of it are accused, the discipline inspection is competent."""
        return self.take(self.received(**more), "examine", **self.about())

    def about(self, **more: Any) -> dict[str, Any]:
        """What the examination says."""
        return {"accused": ["钱某"], "units": [self.cast.bureau], "remit": "discipline", "cadre": False} | more

    def transferred(self, **more: Any) -> Accusation:
        """With the discipline inspection."""
        return self.take(self.examined(**more), "transfer", body=self.discipline)

    def archived(self, *, over: bool = True, **more: Any) -> Accusation:
        """Answered by word of mouth, closed and archived; ``over``: its period has ended since."""
        row = self.take(self.take(self.resulted(**more), "answer", how="talk", answer="已立案。"), "close")
        row = self.take(row, "archive", period="30")
        if over:
            Accusation.objects.filter(pk=row.pk).update(keep_until=today() - timedelta(days=1))
            row.refresh_from_db()
        return row

    def resulted(self, **more: Any) -> Accusation:
        """It has told what came of it."""
        return self.take(self.transferred(**more), "result", result="已立案审查。")
