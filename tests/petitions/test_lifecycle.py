"""The table alone: is the law complete?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petitions import lifecycle, printed
from petitions.law import review
from petitions.lifecycle import CLOCKS, FINAL_STATES, PAPERS, STAGES, STATES, STEPS, TRAYS, Step

# A submission waiting for the leader's word is left by `instruct`, which stands on the matter.
LEFT_BY_OTHERS = {"instruction": {"asked"}}
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "papers" / "body"
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())


def steps_on(kind: str) -> list[Step]:
    return [step for step in STEPS.values() if step.on == kind]


@pytest.mark.parametrize("kind", STATES)
def test_every_state_can_be_reached(kind: str) -> None:
    reached = set(lifecycle.BEGINNINGS[kind])
    for _ in STATES[kind]:
        reached |= {step.to for step in steps_on(kind) if step.to and reached & set(step.from_)}
    assert reached == set(STATES[kind])


@pytest.mark.parametrize("kind", STATES)
def test_every_state_but_the_last_can_be_left(kind: str) -> None:
    left = {state for step in steps_on(kind) if step.to for state in step.from_ if state != step.to}
    assert set(STATES[kind]) - left - LEFT_BY_OTHERS.get(kind, set()) <= FINAL_STATES[kind]


@every_step
def test_a_step_leads_between_states_that_exist(step: Step) -> None:
    known = set(STAGES) if step.on == "petition" else set(STATES[step.on])
    assert set(step.from_) <= known
    assert step.to == "" or step.to in known


@every_step
def test_a_step_names_its_article_and_its_person_and_its_label(step: Step) -> None:
    assert step.label and step.who
    assert step.article.startswith("第") and "条" in step.article


@every_step
def test_a_step_that_issues_a_paper_has_its_template(step: Step) -> None:
    for code in (step.paper, *step.also):
        assert not code or (code in PAPERS and (TEMPLATES / f"{code}.html").exists())


def test_no_two_kinds_of_paper_share_the_character_in_their_numbers() -> None:
    marks = [kind.mark for kind in PAPERS.values()]
    assert sorted(marks) == sorted(set(marks))


def test_no_two_papers_share_a_mark_so_no_two_share_a_number() -> None:
    marks = [kind.mark for kind in PAPERS.values()]
    assert sorted(mark for mark in marks if marks.count(mark) > 1) == []


@pytest.mark.parametrize("code", CLOCKS)
def test_every_clock_that_starts_is_stopped_by_some_step(code: str) -> None:
    ends = {name for step in STEPS.values() for name in (*step.stops, *step.cancels)}
    ends |= {"T6", "T7"}  # the windows are closed by their own lapse as well: steps `lapse` and `lapse_review`, row 21
    assert code in ends


@pytest.mark.parametrize("code", CLOCKS)
def test_every_clock_is_started_somewhere(code: str) -> None:
    starts = {name for step in STEPS.values() for name in step.starts}
    starts |= {"T1", "T2"}  # by register()
    starts |= {"T5'", "TY"}  # by accept(simplified=True) and for a claim of route 5
    assert code in starts


@pytest.mark.parametrize("code", CLOCKS)
def test_every_clock_names_an_article_or_says_that_it_is_local(code: str) -> None:
    rule = CLOCKS[code]
    assert rule.article.startswith("第") or (rule.local and ("地方规则" in rule.article or "办法" in rule.article))


def test_the_only_national_limit_in_working_days_is_the_objection() -> None:
    assert [code for code, rule in CLOCKS.items() if rule.working and not rule.local] == ["T4"]


def test_national_lengths_are_those_of_the_statute() -> None:
    national = {code: rule.length for code, rule in CLOCKS.items() if not rule.local}
    assert national == {
        "T1": 15, "T2": 15, "T3": 15, "T4": 5, "T5": 60, "T8": 0, "T6": 30, "T6D": 30, "T7": 30, "T7D": 30,
        "TE": 0, "TZ": 0,  # their day is set by the opinion and by the measure, as T8 by the letter
    }  # fmt: skip


def test_no_step_lets_staff_rate_in_the_petitioners_name() -> None:
    assert "rate" not in STEPS and "rated" not in STEPS


@pytest.mark.parametrize("kind", STATES)
def test_the_printed_diagrams_show_every_state_and_every_step_that_moves_one(kind: str) -> None:
    page = printed.lifecycle_page()
    drawn = [piece.split("```")[0] for piece in page.split("```mermaid")[1:]]
    for words in STATES[kind].values():
        assert any(f'"{words}"' in piece for piece in drawn), words
    for step in steps_on(kind):
        for state in step.from_ if step.to else ():
            arrow = f"  {state} --> {step.to}: "
            assert any(
                step.label in line for piece in drawn for line in piece.splitlines() if line.startswith(arrow)
            ), step.code


stages = st.sampled_from(sorted(STAGES))


@given(
    st.sampled_from(sorted(STATES["filing"])),
    st.none() | st.sampled_from(sorted(STATES["assignment"])),
    st.none() | st.sampled_from(sorted(STATES["proceeding"])),
)
def test_any_combination_of_states_has_a_stage(filing: str, assignment: str | None, proceeding: str | None) -> None:
    assert lifecycle.stage_of(filing=filing, assignment=assignment, proceeding=proceeding) in STAGES


@given(st.sampled_from(["office", "lead", "co", "registry", "former"]), stages)
def test_a_tray_is_a_named_question_or_nothing(role: str, stage: str) -> None:
    tray = lifecycle.tray_of(role, stage)
    assert tray == "" or tray in TRAYS


@given(stages)
def test_a_matter_that_is_open_waits_in_somebodys_tray_or_for_the_petitioner(stage: str) -> None:
    trays = {lifecycle.tray_of(role, stage) for role in ("office", "lead")}
    trays |= {lifecycle.tray_of("review", stage, assignment=state) for state in review.TRAYS if stage in review.STAGES}
    assert stage in ("confirmed", "ended") or trays != {""}
