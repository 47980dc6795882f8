"""Ready matters for tests: made through the verbs, as far along as a test asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from petitions.actions import Entry, Person, Registered, advance, register
from petitions.models import Assignment, Petition, Proceeding
from tests.cast import Cast


def entry(cast: Cast, **changes: Any) -> Entry:
    """An ordinary walk-in entry; any field may be changed."""
    people = [Person(name="王小明", id_number="", phone="19900000001", address="檀溪镇寺前村1号")]
    fields: dict[str, Any] = {
        "title": "反映寺前村承包地征收补偿款未到位", "content": "本人承包地于去年被征收，补偿款至今没有发放，请求查明并按标准发放。",
        "people": people, "category": cast.category, "region": cast.region, "claims": ["发放征地补偿款"],
    }  # fmt: skip
    return Entry(**(fields | changes))


class Makes:
    """Builds matters at a given stage."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def registered(self, **changes: Any) -> Registered:
        """A walk-in, just registered."""
        return register(entry(self.cast, **changes), by=self.cast.registrar)

    def sent(self, step: str = "transfer", **changes: Any) -> Assignment:
        """Transferred to the bureau, not signed for."""
        done = self.registered(**changes)
        more: dict[str, Any] = {} if step == "transfer" else {"limit_on": done.filing.received_on + timedelta(days=90)}
        advance(step, on=done.filing, by=self.cast.triage, department=self.cast.bureau, **more)
        return Assignment.objects.get(petition=done.petition)

    def signed(self, **changes: Any) -> Assignment:
        """Signed for by the bureau."""
        held = self.sent(**changes)
        advance("sign_for", on=held, by=self.cast.signer)
        held.refresh_from_db()
        return held

    def handling(self, **changes: Any) -> Proceeding:
        """Accepted by the bureau, with its handler."""
        held = self.signed(**changes)
        advance("accept", on=held, by=self.cast.signer, handler=self.cast.handler.post)
        return Proceeding.objects.get(petition=held.petition_id, kind="handling")

    def drafted(self, **changes: Any) -> Proceeding:
        """Drafted by the handler."""
        run = self.handling(**changes)
        answers = {1: {"support": "support", "answer": "补偿款于本月内发放。"}}
        advance("draft", on=run, by=self.cast.handler, facts="经查，款项滞留。", basis="土地管理法。", answers=answers)
        return self._fresh(run)

    def checked(self, **changes: Any) -> Proceeding:
        """Checked by the leader in charge."""
        run = self.drafted(**changes)
        advance("check", on=run, by=self.cast.unit_leader)
        return self._fresh(run)

    def issued(self, **changes: Any) -> Proceeding:
        """Signed by the head."""
        run = self.checked(**changes)
        advance("sign", on=run, by=self.cast.unit_head)
        return self._fresh(run)

    def delivered(self, view: str = "0", **changes: Any) -> Proceeding:
        """Delivered by hand; the petitioner agrees unless told otherwise."""
        run = self.issued(**changes)
        advance("deliver", on=run, by=self.cast.handler, how="hand", receiver="王小明", view=view)
        return self._fresh(run)

    def closed(self, **changes: Any) -> Proceeding:
        """Closed by the unit, waiting for the office."""
        run = self.delivered(**changes)
        advance("close", on=run, by=self.cast.handler)
        return self._fresh(run)

    def confirmed(self, **changes: Any) -> Petition:
        """Confirmed by the office; may be rated."""
        run = self.closed(**changes)
        advance("confirm_closure", on=run, by=self.cast.triage)
        return Petition.objects.get(pk=run.petition_id)

    @staticmethod
    def _fresh(run: Proceeding) -> Proceeding:
        run.refresh_from_db()
        return run
