"""Files are archived when nothing is left to do, kept for their period, and destroyed by two people so that nothing readable stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, models, transaction
from django.test import Client

from accounts import sealer
from accounts.actor import Actor
from accounts.dates import SHANGHAI, today
from accounts.errors import BadInput as OfficeBadInput
from accounts.models import Post, Role
from accounts.privacy import EncryptedTextField
from petitions import attachments, destruction, erasing, filelist, holds, papers, retention
from petitions.actions import Person, advance, moment, register
from petitions.actions.drafts import draft_for
from petitions.errors import BadInput, NotSeen, WrongMoment, WrongPerson
from petitions.law.archive import last_day
from petitions.models import ArchiveFile, Attachment, Destruction, Event, Notice, Petition, RetentionRule
from petitions.search import search
from tests.cast import Cast
from tests.makes import Makes, entry

SignIn = Callable[[Actor], Client]


def at(day: date) -> AbstractContextManager[None]:
    return moment.at(datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI))


@pytest.fixture
def replied(make: Makes, cast: Cast) -> Petition:
    """A matter answered at once: nothing runs."""
    done = make.registered()
    advance("direct_reply", on=done.filing, by=cast.triage, reply="办事大厅周一至周五开放。")
    return Petition.objects.get(pk=done.petition.pk)


@pytest.fixture
def head2(cast: Cast, head_post: Post) -> Actor:
    return Actor(user=head_post.user, post=head_post)


@pytest.fixture
def head_post(cast: Cast) -> Post:
    """Another head of the office: the post of a second person."""
    user = cast.registrar2.user
    return Post.objects.create(user=user, department=cast.office, role=Role.OFFICE_HEAD, valid_from=date(2020, 1, 1))


def archived(petition: Petition, by: Actor, period: str = "30") -> ArchiveFile:
    advance("archive", on=petition, by=by, period=period, note="缺信封")
    return ArchiveFile.objects.get(petition=petition)


def over(file: ArchiveFile) -> ArchiveFile:
    """The same file, its period over since yesterday."""
    ArchiveFile.objects.filter(pk=file.pk).update(keep_until=today() - timedelta(days=1))
    file.refresh_from_db()
    return file


# --- archiving ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_gets_a_number_and_a_period_from_the_year_after_it_was_closed(replied: Petition, cast: Cast) -> None:
    file = archived(replied, cast.registrar)
    assert file.number == f"浦信信访档字〔{today().year}〕1号"
    assert (file.ground, file.years, file.keep_until) == ("answered", 30, date(today().year + 30, 12, 31))
    replied.refresh_from_db()
    assert replied.archived_on == today()
    with pytest.raises(WrongMoment):
        advance("archive", on=replied, by=cast.triage, period="30")


@pytest.mark.django_db
def test_while_the_petitioner_may_still_apply_for_review_nothing_is_archived(make: Makes, cast: Cast) -> None:
    petition = make.confirmed()
    with pytest.raises(WrongMoment, match="申请复查"):
        advance("archive", on=petition, by=cast.registrar, period="30")


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["supervise", "advise", "sponsored"])
def test_what_is_still_open_keeps_it_from_the_archive(replied: Petition, cast: Cast, what: str) -> None:
    if what == "advise":
        said = {"kind": "improve", "facts": "事实", "suggestion": "建议", "basis": "第四十条"}
        advance("advise", on=replied, by=cast.supervisor, department=cast.sibling, **said)
    elif what == "supervise":
        replied.supervisions.create(department=cast.bureau, trigger="other", opened_on=today(), state="answered")
    else:
        from visits.models import Sponsorship

        Sponsorship.objects.create(
            number="B1", petition=replied, office=cast.office, sponsor=cast.leader.post, unit=cast.bureau,
            taken_on=today(), due=today(),
        )  # fmt: skip
    assert holds.why_open(replied)
    with pytest.raises(WrongMoment):
        advance("archive", on=replied, by=cast.registrar, period="30")


@pytest.mark.django_db
def test_a_period_is_never_shorter_than_its_ground_wants(make: Makes, replied: Petition, cast: Cast) -> None:
    with pytest.raises(BadInput):
        advance("archive", on=replied, by=cast.registrar, period="10")
    refused = make.registered()
    advance("not_accept", on=refused.filing, by=cast.triage, ground="out_of_remit", explanation="请向市里提出")
    assert archived(Petition.objects.get(pk=refused.petition.pk), cast.registrar, "10").years == 10
    replied.instructions.create(leader=cast.leader.post, written_on=today(), text="请办", state="answered")
    assert retention.least(replied, today()).years is None


@pytest.mark.django_db
def test_a_rule_of_the_place_is_longer_or_none(replied: Petition, cast: Cast) -> None:
    more: dict[str, Any] = {"source": "县档案局批复", "valid_from": today()}
    with pytest.raises(OfficeBadInput):
        retention.add(by=cast.system_admin, ground="answered", years=10, **more)
    row = retention.add(by=cast.system_admin, ground="answered", years=None, **more)
    assert retention.least(replied, today()) == retention.Period("answered", None, "县档案局批复")
    retention.end(row, by=cast.system_admin, reason="撤回")
    assert not RetentionRule.objects.exists()


def test_periods_count_whole_years_from_the_year_after_closing() -> None:
    assert last_day(date(2026, 1, 1), 10) == last_day(date(2026, 12, 31), 10) == date(2036, 12, 31)
    assert last_day(date(2026, 5, 1), None) is None


@pytest.mark.django_db
def test_a_period_may_be_made_longer_and_never_shorter(replied: Petition, cast: Cast) -> None:
    archived(replied, cast.registrar)
    with pytest.raises(BadInput):
        advance("keep_longer", on=replied, by=cast.head, period="10", reason="x")
    advance("keep_longer", on=replied, by=cast.head, period="forever", reason="典型")
    assert ArchiveFile.objects.get().keep_until is None


@pytest.mark.django_db
def test_the_contents_stand_in_the_order_of_a_paper_file(make: Makes, cast: Cast) -> None:
    run = make.delivered()
    items = filelist.of(run.petition).items
    assert [item.part for item in items] == sorted(item.part for item in items)
    titles = [item.title for item in items]
    assert titles[0].startswith("信访登记单") and titles.index("转送函") < titles.index("受理告知书") < titles.index(
        "信访事项处理意见书"
    )


@pytest.mark.django_db
def test_many_are_archived_from_the_tray(make: Makes, cast: Cast, signed_in: SignIn) -> None:
    refs = []
    for _ in range(2):
        done = make.registered()
        advance("direct_reply", on=done.filing, by=cast.triage, reply="开放时间")
        refs.append(done.petition.ref)
    client = signed_in(cast.registrar)
    page = client.get("/archive/").content.decode()
    assert all(ref in page for ref in refs) and "/bulk/archive/" in page
    rows = " ".join(f"{p.ref}:{p.events_count}" for p in Petition.objects.filter(ref__in=refs))
    assert "已办 2 件" in client.post("/bulk/archive/", {"rows": rows, "note": ""}).content.decode()
    assert client.get("/archive/?tab=kept").content.decode().count("案卷目录<") == 2
    assert signed_in(cast.handler).get("/archive/").status_code == 403


# --- reminding ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_office_is_told_once_three_months_before_a_period_ends(replied: Petition, cast: Cast) -> None:
    file = archived(replied, cast.registrar)
    assert file.keep_until is not None
    assert destruction.remind(file.keep_until - timedelta(days=93)) == 0
    assert destruction.remind(file.keep_until - timedelta(days=92)) == 1
    assert destruction.remind(file.keep_until) == 0
    assert Notice.objects.filter(step="archive", post=cast.head.post).count() == 1


# --- destruction -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_never_before_the_period_is_over(replied: Petition, cast: Cast) -> None:
    file = archived(replied, cast.registrar)
    with pytest.raises(WrongMoment, match="保管期限到"):
        destruction.propose([file.ref], "无价值", by=cast.registrar)
    assert file.keep_until is not None
    with at(file.keep_until), pytest.raises(WrongMoment):
        destruction.propose([file.ref], "无价值", by=cast.registrar)
    with at(file.keep_until + timedelta(days=1)):
        assert destruction.propose([file.ref], "无价值", by=cast.registrar).state == "proposed"


@pytest.mark.django_db
def test_one_person_proposes_and_another_decides(replied: Petition, cast: Cast, head2: Actor) -> None:
    file = over(archived(replied, cast.registrar))
    register = destruction.propose([file.ref], "无价值", by=cast.head)
    with pytest.raises(WrongPerson):
        destruction.approve(register, "同意", by=cast.head)
    with pytest.raises(WrongPerson):
        destruction.approve(register, "同意", by=cast.triage)
    with pytest.raises(WrongPerson):
        destruction.approve(register, "同意", by=cast.unit_head)
    assert destruction.approve(register, "同意", by=head2).destroyed == [file.number]
    with pytest.raises(WrongMoment):
        destruction.approve(register, "同意", by=head2)


@pytest.mark.django_db
def test_the_same_person_in_another_post_is_still_the_same_person(replied: Petition, cast: Cast, head2: Actor) -> None:
    file = over(archived(replied, cast.registrar))
    register = destruction.propose([file.ref], "无价值", by=cast.registrar2)
    with pytest.raises(WrongPerson, match="另一人"):
        destruction.approve(register, "同意", by=head2)


@pytest.mark.django_db
def test_what_has_been_opened_since_is_not_destroyed(replied: Petition, cast: Cast) -> None:
    file = over(archived(replied, cast.registrar))
    register = destruction.propose([file.ref], "无价值", by=cast.registrar)
    said = {"kind": "improve", "facts": "事实", "suggestion": "建议", "basis": "第四十条"}
    advance("advise", on=replied, by=cast.supervisor, department=cast.sibling, **said)
    done = destruction.approve(register, "同意", by=cast.head)
    assert done.destroyed == [] and done.kept[0][0] == file.number
    file.refresh_from_db()
    assert (file.destruction_id, file.destroyed_on) == (None, None)


@pytest.mark.django_db
def test_a_refused_register_frees_its_files(replied: Petition, cast: Cast) -> None:
    file = over(archived(replied, cast.registrar))
    register = destruction.propose([file.ref], "无价值", by=cast.registrar)
    with pytest.raises(WrongMoment):
        destruction.propose([file.ref], "无价值", by=cast.triage)
    with pytest.raises(BadInput):
        destruction.refuse(register, " ", by=cast.head)
    destruction.refuse(register, "仍有价值", by=cast.head)
    assert list(destruction.ending(cast.registrar, today())) == [file]


@pytest.mark.django_db
def test_another_offices_files_are_not_there(replied: Petition, cast: Cast) -> None:
    file = over(archived(replied, cast.registrar))
    ArchiveFile.objects.update(department=cast.city)
    with pytest.raises(NotSeen):
        destruction.propose([file.ref], "无价值", by=cast.registrar)


# --- nothing readable stays ----------------------------------------------------------------------------------------

WORD = "埋藏词语"
PHONE, ID = "19912345678", "330726199001011238"


@pytest.fixture
def planted(make: Makes, cast: Cast, settings: Any, tmp_path: Path) -> Petition:
    """A matter with the planted word wherever somebody may type, closed and past every window."""
    settings.MEDIA_ROOT, settings.SEAL_NOTE = tmp_path / "media", tmp_path / "note.json"
    start = today() - timedelta(days=400)
    draft = draft_for(cast.registrar, "a" * 16)
    upload = SimpleUploadedFile(f"{WORD}.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "image/png")
    attachments.take(upload, by=cast.registrar, draft=draft)
    people = [Person(name=WORD, id_kind="111", id_number=ID, phone=PHONE, address=f"{WORD}1号")]
    said = entry(
        cast, title=f"反映{WORD}问题", content=f"本人{WORD}，请求。" * 3, people=people, place=f"{WORD}路口", claims=[f"发放{WORD}款"],
        addressee=WORD, channel="letter",
    )  # fmt: skip
    with at(start):
        done = register(said, by=cast.registrar, draft=draft)
        advance(
            "assign",
            on=done.filing,
            by=cast.triage,
            department=cast.bureau,
            limit_on=start + timedelta(days=80),
            demand=WORD,
        )
        held = done.petition.assignments.get()
        advance("sign_for", on=held, by=cast.signer, note=WORD)
        advance("accept", on=held, by=cast.signer, handler=cast.handler.post, note=WORD)
        run = held.proceedings.get()
        advance("instruct", on=done.petition, by=cast.leader, text=WORD, answer_days=10)
        advance("answer_instruction", on=done.petition.instructions.get(), by=cast.signer, answer=WORD)
        advance("supervise", on=done.petition, by=cast.supervisor, trigger="shirking", demand=WORD)
        supervision = done.petition.supervisions.get()
        advance("answer_supervision", on=supervision, by=cast.signer, answer=WORD)
        advance("end_supervision", on=supervision, by=cast.supervisor, finding=WORD)
        advance("interview", on=run, by=cast.handler, text=WORD, place=WORD, people=WORD)
        advance(
            "draft",
            on=run,
            by=cast.handler,
            facts=WORD,
            basis=WORD,
            answers={1: {"support": "support", "answer": WORD}},
        )
        advance("check", on=run, by=cast.unit_leader, note=WORD)
        advance("sign", on=run, by=cast.unit_head, note=WORD)
        advance(
            "deliver", on=run, by=cast.handler, how="hand", receipt="refused", witness=WORD, receiver=WORD, view="9"
        )
    with at(start + timedelta(days=40)):
        run.refresh_from_db()
        advance("lapse", on=run, by=_system())
        advance("report_back", on=held, by=cast.handler, result=WORD)
        advance("close", on=run, by=cast.handler, note=WORD)
        advance("confirm_closure", on=run, by=cast.triage, note=WORD)
        advance("follow_up", on=done.petition, by=cast.registrar2, reached=True, words=WORD)
        done.petition.ratings.create(
            filing=done.filing, target="unit", department=cast.bureau, value="0", comment=WORD, rated_at=moment.now()
        )
    return Petition.objects.get(pk=done.petition.pk)


def _system() -> Actor:
    from accounts.actor import system_actor

    return system_actor()


def columns_with(*needles: str) -> Iterator[str]:
    """Every column of the database, by table, in whose text or bytes one of ``needles`` stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND (data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea') OR data_type LIKE '%[]')"
        )
        for table, column, kind in cursor.fetchall():
            said = f'"{column}"' if kind == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
            for needle in needles:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE position(%s::bytea in {said}) > 0', [needle.encode()]
                )
                if cursor.fetchone()[0]:
                    yield f"{table}.{column}: {needle}"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_nothing_readable_stays_anywhere_in_the_database_or_on_the_disk(planted: Petition, cast: Cast) -> None:
    assert {"petitions_petition.title", "petitions_claim.text", "petitions_paper.witness"} <= {
        found.split(":")[0] for found in columns_with(WORD)
    }
    key = bytes(planted.wrapped_key or b"")
    held = Attachment.objects.get(petition=planted)
    file = over(archived(planted, cast.registrar, "forever"))
    ArchiveFile.objects.update(years=10)
    register = destruction.propose([file.ref], "无价值", by=cast.registrar)
    destruction.approve(register, "同意", by=cast.head)
    assert list(columns_with(WORD, PHONE, ID)) == []
    assert list(columns_with(held.sha256)) == []
    assert not (Path(str(held_folder())) / held.stored_as).exists()
    planted.refresh_from_db()
    assert planted.wrapped_key is None and planted.key_destroyed_at is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM petitions_petition WHERE wrapped_key = %s", [key])
        assert cursor.fetchone()[0] == 0
    for paper in planted.papers.select_related("petition"):
        with pytest.raises(papers.PaperErased):
            papers.html_of(paper)


def held_folder() -> str:
    from django.conf import settings

    return str(settings.MEDIA_ROOT)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_tombstone_stays_is_counted_and_its_record_verifies(
    planted: Petition, cast: Cast, signed_in: SignIn, capsys: pytest.CaptureFixture[str]
) -> None:
    sealer.seal_all()
    file = over(archived(planted, cast.registrar, "forever"))
    ArchiveFile.objects.update(years=10)
    register = destruction.propose([file.ref], "无价值", by=cast.registrar)
    destruction.approve(register, "同意", by=cast.head)
    sealer.seal_all()
    call_command("verify_record")
    assert "The record is whole." in capsys.readouterr().out
    event = Event.objects.get(petition=planted, step="destroyed")
    assert (event.user, event.data["proposed_by"], event.data["register"]) == (
        cast.head.user, cast.registrar.post.pk, register.number,
    )  # fmt: skip
    client = signed_in(cast.triage)
    page = client.get(f"/petitions/{planted.ref}/").content.decode()
    assert "档案已销毁" in page and WORD not in page and planted.number in page
    assert planted.number in client.get("/petitions/").content.decode()
    assert not search(cast.triage, WORD).groups and not search(cast.triage, PHONE).groups
    assert signed_in(cast.registrar).get(f"/petitions/{planted.ref}/contents/").status_code == 200
    listed = client.get(f"/archive/registers/{register.ref}/?print=1").content.decode()
    assert file.number in listed and cast.registrar.user.name in listed and cast.head.user.name in listed
    with pytest.raises(WrongMoment):
        advance("follow_up", on=planted, by=cast.registrar2, reached=True, words="再问")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_destruction_that_breaks_off_destroys_nothing(
    planted: Petition, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = over(archived(planted, cast.registrar, "forever"))
    ArchiveFile.objects.update(years=10)
    register = destruction.propose([file.ref], "无价值", by=cast.registrar)
    held = Attachment.objects.get(petition=planted)

    def fails(petition: Petition) -> None:
        raise RuntimeError("the power failed")

    monkeypatch.setattr(erasing, "_others", [fails])
    with pytest.raises(RuntimeError), transaction.atomic():
        destruction.approve(register, "同意", by=cast.head)
    planted.refresh_from_db()
    assert WORD in planted.title and planted.wrapped_key and Destruction.objects.get().state == "proposed"
    assert b"".join(attachments.open_plain(held)).startswith(b"\x89PNG")


# Columns of words that say nothing of a person or a matter: codes, numbers of ours, refs, and what is sealed under the key.
SAYS_NOTHING = {
    "Petition": {"ref", "number", "kind", "purpose", "stage", "outcome"},
    "Filing": {"ref", "number", "channel", "state"},
    "Claim": {"support"},
    "Assignment": {"ref", "mode", "state"},
    "Proceeding": {"ref", "kind", "state", "conclusion", "decided", "petitioner_view"},
    "Instruction": {"ref", "state"},
    "Supervision": {"ref", "trigger", "form", "state"},
    "Hearing": {"ref", "state"},
    "Mediation": {"ref", "state"},
    "Rating": {"target", "value"},
    "Paper": {"ref", "kind", "number", "title", "served_how", "receipt"},
    "Attachment": {"ref", "media_type", "stored_as"},
    "Event": {"step", "on", "data"},
    "Clock": {"name", "rule", "ended"},
    "Pause": {"basis"},
    "Reach": {"role", "tray"},
    "Withdrawal": {"ref", "state", "how"},
    "UrgentReport": {"ref", "state"},
    "Measure": {"ref", "kind", "state"},
    "Advice": {"ref", "kind", "state", "adopted"},
    "ArchiveFile": {"ref", "number", "ground", "source"},
    "Dispute": {"ref", "between", "state"},  # names of bodies
    "Recusal": {"ref", "state"},
    "FigureFact": {"capacity", "channel", "category", "region"},
    "PatternCase": {"part"},
    "Draft": {"ref", "title", "fields"},  # registered, it is empty, and swept away in days
    "Delivery": {"stage", "step", "state", "failure"},
}


def test_every_column_of_words_about_a_matter_is_wiped_or_says_nothing() -> None:
    from django.apps import apps

    about = (models.ForeignKey, models.OneToOneField)
    dropped = {model for model, _ in erasing.DROPPED}
    for model in apps.get_app_config("petitions").get_models():
        names = {
            column.name for column in model._meta.concrete_fields
            if isinstance(column, models.CharField | models.TextField | models.JSONField | EncryptedTextField)
        }  # fmt: skip
        of_a_matter = model is Petition or any(
            isinstance(column, about) and column.related_model in (Petition, erasing.Filing)
            for column in model._meta.concrete_fields
        )
        if of_a_matter and model not in dropped:
            left = names - set(erasing.WIPED.get(model, {})) - SAYS_NOTHING.get(model.__name__, set())
            assert not left, (model.__name__, left)
