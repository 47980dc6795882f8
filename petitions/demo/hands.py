"""How is each step of a history taken?  By the person whose duty it is, through the verbs, with words that fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from accounts.actor import Actor
from accounts.models import Delegation, Department, Role
from petitions.actions import Registered, advance, moment, rate, register
from petitions.demo.county import County
from petitions.demo.filing import TOWN, Desk, Subject, demo_code
from petitions.demo.story import Story, steps_of
from petitions.demo.words import Words
from petitions.models import Assignment, Filing, Instruction, Petition, Proceeding, Rating, Supervision, Support

_LEADERS = {
    "fuxianzhang1": ("ZRZY", "ZJ", "JT", "ZHZF", "HB"),
    "fuxianzhang2": ("NYNC", "SW", "RS", "MZ", TOWN, "330726106"),
}
_RATINGS = {
    "good": (Rating.Value.SATISFIED, Rating.Value.SATISFIED, Rating.Value.FAIRLY),
    "bad": (Rating.Value.DISSATISFIED, Rating.Value.DISSATISFIED, Rating.Value.FAIRLY),
}


class NotYet(Exception):
    """What the step needs is not there yet; it is taken on a later day."""


class Case:
    """One matter in the making: who has it, and every step it may take."""

    def __init__(self, county: County, story: Story, number: int, *, taken: set[str], unit: str, day: date) -> None:
        self.county, self.story, self.number = county, story, number
        self.rng = Random(f"demo {number} {story.name}")  # noqa: S311
        self.words = Words(self.rng)
        self.desk = Desk(county, self.words, self.rng, taken)
        self.petition: Petition
        self.filing: Filing
        self.by_post = county.by_post()
        # Chosen beforehand, so that no two matters told at the same time get the same title.
        self.subject = self.desk.subject(self._traits(), story.unit or unit, day)
        self.unit = county.departments[self.subject.unit]
        self.neighbour = self._neighbour(day) if "register_other" in story.path else None
        self.other: Registered | None = None

    def take(self, step: str) -> None:
        """Take ``step`` at the moment that is set.

        Raises:
            NotYet: it has to wait.
            Refused: as the verbs do.
        """
        name, _, word = step.partition(":")
        method = getattr(self, f"_{name}")
        method(word) if word else method()

    # --- who ------------------------------------------------------------------------------------------------------

    def _one(self, role: str, department: Department | None = None) -> Actor:
        return self.rng.choice(self.by_post[(department or self.unit).pk, role])

    def _office(self, role: str) -> Actor:
        return self._one(role, self.petition.office)

    def _head(self) -> Actor:
        """The unit's head, or who signs for him these days."""
        head = self._one(Role.UNIT_HEAD)
        day = moment.today()
        lent = Delegation.objects.filter(post=head.post, valid_from__lte=day, valid_to__gte=day).select_related(
            "to_user"
        )
        for row in lent:
            return Actor(user=row.to_user, post=head.post, delegation=row)
        return head

    def _leader(self) -> Actor:
        code = self.unit.code.removeprefix("PJ-")
        name = next((name for name, codes in _LEADERS.items() if code in codes), "xianzhang")
        return self.county.named(name)

    # --- what -----------------------------------------------------------------------------------------------------

    def _held(self) -> Assignment:
        return Assignment.objects.filter(petition=self.petition, lead=True).exclude(state="returned").latest("pk")

    def _run(self) -> Proceeding:
        return Proceeding.objects.filter(petition=self.petition, kind="handling").latest("pk")

    def _supervision(self, state: str) -> Supervision:
        row = Supervision.objects.filter(petition=self.petition, state=state).first()
        if row is None:
            raise NotYet
        return row

    # --- registering ------------------------------------------------------------------------------------------------

    def _traits(self) -> list[str]:
        steps = steps_of(self.story)
        special = list(self.story.traits)
        special += ["sent"] if {"transfer", "assign"} & set(steps) else []
        special += ["mixed"] if "accept:mixed" in steps else []
        special += ["punctual"] if self.story.path.startswith("^register") else []
        special += ["direct"] if "direct_reply" in steps else []
        return special

    def _register(self) -> None:
        if "claims" in self.subject.traits:
            self._add_claims()
        clerk = self.rng.choice(self._clerks())
        entry = self.desk.entry(self.subject, moment.today())
        done = register(entry, by=clerk, code=demo_code(self.number))
        self.petition, self.filing = done.petition, done.filing

    def _add_claims(self) -> None:
        object.__setattr__(self.subject.told, "claims", (*self.subject.told.claims, "书面答复处理结果", "公开处理经过"))

    def _clerks(self) -> list[Actor]:
        if "town" in self.subject.traits:
            return self.by_post[self.county.departments[TOWN].pk, Role.REGISTRAR]
        return self.by_post[self.county.office.pk, Role.REGISTRAR]

    def _repeat(self) -> None:
        self.subject.traits -= {"backdated"}
        entry = self.desk.entry(self.subject, moment.today(), content=self.words.again())
        register(entry, by=self._office(Role.REGISTRAR), under=self.petition)

    def _neighbour(self, day: date) -> Subject:
        """The same affair, brought by a neighbour who does not know that it is there already."""
        mine = self.subject
        other = self.desk.subject(["phone", "sent"], "", day)
        other.told = self.words.tell(mine.told.affair, mine.village, day.year, self.desk.taken)
        other.village, other.unit = mine.village, mine.unit
        return other

    def _register_other(self, _word: str = "") -> None:
        assert self.neighbour is not None
        self.other = register(self.desk.entry(self.neighbour, moment.today()), by=self._office(Role.REGISTRAR))

    def _merge(self) -> None:
        assert self.other is not None
        advance("merge", on=self.other.filing, by=self._office(Role.TRIAGE), into=self.petition)

    # --- the office -------------------------------------------------------------------------------------------------

    def _triage(self) -> None:
        advance("triage", on=self.filing, by=self._office(Role.TRIAGE), kind=self.petition.kind, region=self.subject.village,
                category=self._category())  # fmt: skip

    def _category(self) -> Any:
        return self.county.categories[self.subject.told.affair.category]

    def _transfer(self) -> None:
        advance(
            "transfer", on=self.filing, by=self._office(Role.TRIAGE), department=self.unit, category=self._category()
        )

    def _assign(self, word: str = "") -> None:
        day = moment.today()
        days = self.rng.randint(8, 12) if word == "late" else self.rng.randint(45, 58)
        advance("assign", on=self.filing, by=self._office(Role.TRIAGE), department=self.unit, category=self._category(),
                limit_on=day + timedelta(days=days), demand="请按期报送办理结果。")  # fmt: skip

    def _direct_reply(self) -> None:
        advance("direct_reply", on=self.filing, by=self._office(Role.TRIAGE), reply=self.words.reply())

    def _file_away(self) -> None:
        advance(
            "file_away",
            on=self.filing,
            by=self._office(Role.OFFICE_HEAD),
            explanation="单纯表达谢意，无具体诉求，存档备查。",
        )

    def _redirect(self) -> None:
        body, how = self.words.redirect()
        advance("redirect", on=self.filing, by=self._office(Role.TRIAGE), body=body, how=how)

    def _not_accept(self) -> None:
        advance(
            "not_accept",
            on=self.filing,
            by=self._office(Role.TRIAGE),
            ground="out_of_remit",
            explanation=self.words.refusal(),
        )

    def _route_legal(self) -> None:
        self.unit = self.county.departments["ZFW"]
        advance("route_legal", on=self.filing, by=self._office(Role.TRIAGE), department=self.unit)

    def _legal_receive(self) -> None:
        held = Assignment.objects.get(petition=self.petition, mode="legal")
        advance("legal_receive", on=held, by=self._one(Role.SIGNER))

    def _uphold_objection(self) -> None:
        held = self._held()
        advance("uphold_objection", on=held, by=self._office(Role.TRIAGE), reason=self.words.decision(upheld=True))
        assert held.suggested is not None
        self.unit = held.suggested

    def _refuse_objection(self) -> None:
        advance(
            "refuse_objection", on=self._held(), by=self._office(Role.TRIAGE), reason=self.words.decision(upheld=False)
        )

    def _confirm_closure(self) -> None:
        advance("confirm_closure", on=self._run(), by=self._office(Role.TRIAGE))

    def _refuse_closure(self) -> None:
        advance("refuse_closure", on=self._run(), by=self._office(Role.TRIAGE), reason=self.words.not_confirmed())

    def _follow_up(self, word: str = "") -> None:
        advance("follow_up", on=self.petition, by=self._office(Role.REGISTRAR), reached=True, words=self.words.phone(),
                settled=word == "settled")  # fmt: skip

    def _judge_resolved(self, word: str) -> None:
        resolved = word == "yes"
        advance("judge_resolved", on=self.petition, by=self._office(Role.TRIAGE), resolved=resolved,
                ground=self.words.settled(resolved=resolved))  # fmt: skip

    def _reissue_code(self) -> None:
        advance(
            "reissue_code",
            on=self.filing,
            by=self._office(Role.REGISTRAR),
            reason="信访人遗失告知单，凭身份证当面重发。",
        )

    def _submit_to_leader(self) -> None:
        advance("submit_to_leader", on=self.petition, by=self._office(Role.TRIAGE), leader=self._leader().post,
                proposal=self.words.proposal())  # fmt: skip

    def _supervise(self) -> None:
        advance("supervise", on=self.petition, by=self._office(Role.SUPERVISOR), trigger="shirking",
                demand="请说明未按约定时间推进的原因，并提出整改措施。")  # fmt: skip

    def _end_supervision(self) -> None:
        advance(
            "end_supervision",
            on=self._supervision("answered"),
            by=self._office(Role.SUPERVISOR),
            finding=self.words.found(),
        )

    # --- the leader -------------------------------------------------------------------------------------------------

    def _instruct(self, word: str = "") -> None:
        days = 5 if word == "late" else 15
        advance("instruct", on=self.petition, by=self._leader(), text=self.words.instruction(), answer_days=days)

    def _answer_instruction(self) -> None:
        row = Instruction.objects.get(petition=self.petition, state="written")
        advance("answer_instruction", on=row, by=self._one(Role.HANDLER), answer=self.words.led())

    # --- the unit ---------------------------------------------------------------------------------------------------

    def _sign_for(self) -> None:
        advance("sign_for", on=self._held(), by=self._one(Role.SIGNER))

    def _object(self) -> None:
        codes = [code for code in ("ZHZF", "NYNC", "ZJ", "RS", "SW") if code != self.subject.unit]
        to = self.county.departments[self.rng.choice(codes)]
        reason = self.words.objection(to.short_name)
        advance("object", on=self._held(), by=self._one(Role.SIGNER), reason=reason, suggested=to)

    def _take_up(self) -> None:
        advance("take_up", on=self.filing, by=self._one(Role.SIGNER), category=self._category())

    def _assign_handler(self) -> None:
        advance("assign_handler", on=self._held(), by=self._one(Role.SIGNER), handler=self._one(Role.HANDLER).post)

    def _accept(self, word: str = "") -> None:
        routes: dict[int, int] = {}
        outside: dict[int, Mapping[str, str]] = {}
        if word == "mixed":
            routes[2], outside[2] = self.words.outside()
        advance("accept", on=self._held(), by=self._one(Role.SIGNER), handler=self._first_handler(), routes=routes,
                outside=outside, simplified=word == "simple")  # fmt: skip

    def _first_handler(self) -> Any:
        """Mostly the one who handles petitions for the unit."""
        handlers = self.by_post[self.unit.pk, Role.HANDLER]
        return (handlers[0] if self.rng.random() < 0.75 else self.rng.choice(handlers)).post

    def _channel(self, word: str = "0") -> None:
        serials = self.petition.claims.values_list("serial", flat=True)
        chosen = {serial: self.words.outside(int(word)) for serial in serials}
        advance("channel", on=self._held(), by=self._one(Role.SIGNER), routes={n: route for n, (route, _) in chosen.items()},
                outside={n: told for n, (_, told) in chosen.items()})  # fmt: skip

    def _answer_supervision(self) -> None:
        advance(
            "answer_supervision",
            on=self._supervision("open"),
            by=self._one(Role.SIGNER),
            answer=self.words.supervised(),
        )

    def _add_co_unit(self) -> None:
        codes = [code for code in ("CZ", "ZHZF", "NYNC", "HB") if code != self.subject.unit]
        to = self.county.departments[self.rng.choice(codes)]
        advance(
            "add_co_unit",
            on=self._held(),
            by=self._one(Role.SIGNER),
            department=to,
            demand="请就职责范围内的事实提供书面意见。",
        )

    def _co(self) -> Assignment:
        return Assignment.objects.select_related("department").get(petition=self.petition, mode="co")

    def _co_sign_for(self) -> None:
        held = self._co()
        advance("co_sign_for", on=held, by=self._one(Role.SIGNER, held.department))

    def _co_answer(self) -> None:
        held = self._co()
        advance(
            "co_answer",
            on=held,
            by=self._one(Role.HANDLER, held.department),
            answer="经核，有关拨付记录和台账随函附送，情况属实。",
        )

    # --- handling ---------------------------------------------------------------------------------------------------

    def _handler(self, run: Proceeding) -> Actor:
        actors = self.by_post[self.unit.pk, Role.HANDLER]
        return next((actor for actor in actors if actor.post.pk == run.handler_id), actors[0])

    def _interview(self) -> None:
        run = self._run()
        advance("interview", on=run, by=self._handler(run), text=self.words.interview(), people=self.petition.lead_name,
                place=self.subject.village.name)  # fmt: skip

    def _extend(self) -> None:
        advance(
            "extend", on=self._run(), by=self._head(), days=self.rng.choice((15, 20, 30)), reason=self.words.extension()
        )

    def _draft(self, word: str = "") -> None:
        run, told = self._run(), self.subject.told
        wanted = word if word in Support.values else ""
        answers = {claim.serial: self._answer(claim.text, wanted) for claim in self.petition.claims.all()}
        advance("draft", on=run, by=self._handler(run), facts=told.facts, basis=told.basis, answers=answers)

    def _answer(self, claim: str, wanted: str) -> dict[str, str]:
        support = wanted or self.rng.choices(("support", "part", "explain", "against"), (50, 25, 17, 8))[0]
        return {"support": support, "answer": self.words.answer(claim, support)}

    def _return_draft(self) -> None:
        advance("return_draft", on=self._run(), by=self._one(Role.UNIT_LEADER), reason=self.words.mend())

    def _check(self, _word: str = "") -> None:
        advance("check", on=self._run(), by=self._one(Role.UNIT_LEADER))

    def _sign(self, _word: str = "") -> None:
        advance("sign", on=self._run(), by=self._head())

    def _deliver(self, word: str) -> None:
        run, name = self._run(), self.petition.lead_name
        more: dict[str, Any] = {"view": {"agrees": "0", "disagrees": "1", "refused": "9"}[word], "receiver": name}
        if word == "refused":
            more |= {"receipt": "refused", "witness": "村民委员会工作人员"}
        how = "hand" if word == "refused" else self.rng.choice(("hand", "hand", "post"))
        advance("deliver", on=run, by=self._handler(run), how=how, **more)

    def _report_back(self) -> None:
        held, run = self._held(), self._run()
        advance(
            "report_back", on=held, by=self._handler(run), result="处理意见已送达，信访人表示同意，有关事项正在落实。"
        )

    def _sign_up(self) -> None:
        advance("sign_up", on=self.filing, by=self._office(Role.TRIAGE))

    def _report_up(self) -> None:
        advance(
            "report_up",
            on=self.filing,
            by=self._office(Role.TRIAGE),
            result="处理意见已送达，信访人表示同意，已审核认定办结。",
        )

    def _close(self, _word: str = "") -> None:
        run = self._run()
        advance("close", on=run, by=self._handler(run))

    # --- the petitioner -----------------------------------------------------------------------------------------------

    def _rate(self, word: str) -> None:
        value = self.rng.choice(_RATINGS[word.split("_")[0]])
        name = (
            "satisfied" if value == Rating.Value.SATISFIED else "basically" if value == Rating.Value.FAIRLY else "bad"
        )
        self.filing.refresh_from_db()
        rate(self.filing, target=Rating.Target.OFFICE, value=value, comment=self.words.comment(name))
        if self._has_unit():
            rate(self.filing, target=Rating.Target.UNIT, value=value, comment=self.words.comment(name))

    def _has_unit(self) -> bool:
        return Assignment.objects.filter(petition=self.petition, lead=True).exclude(state="returned").exists()
