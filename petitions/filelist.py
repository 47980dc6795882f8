"""What lies in a matter's file, in which order?  The list of contents (案卷目录) as a paper file has it, and its closing note (备考表)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from petitions.actions.record import words_of
from petitions.matterkey import key_of
from petitions.models import ArchiveFile, Attachment, Event, Filing, Paper, Petition

# The parts of a file, in the order in which a case goes; within a part by day.
PARTS = ("来件", "转送、交办和受理", "调查办理", "处理意见和送达", "复查复核", "批示、督办和建议", "办结和其他")
_PART_OF = {
    **dict.fromkeys(
        ("transfer_letter", "assign_letter", "destination_notice", "objection_letter", "return_decision", "redirect_notice",
         "not_accepted_notice", "no_further_notice", "accept_notice", "channel_notice", "suggestion_notice", "come_back_notice",
         "direct_reply"), 1),
    **dict.fromkeys(
        ("co_letter", "extension_notice", "extension_approval", "interview_record", "hearing_notice", "hearing_record",
         "hearing_conclusion", "mediation_paper", "settlement_paper", "ordinary_notice"), 2),
    **dict.fromkeys(("opinion", "suggestion_reply", "duty_reply", "service_receipt", "execution_letter"), 3),
    **dict.fromkeys(
        ("review_application", "rereview_application", "review_accepted", "review_refused", "review_dropped", "review_opinion",
         "rereview_opinion", "redo_order"), 4),
    **dict.fromkeys(
        ("submission", "instruction", "supervision_letter", "supervision_answer", "look_record", "reminder", "measure_notice", "advice_improve",
         "advice_policy", "advice_blame", "adoption_report", "urgent_report"), 5),
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One line of the list of contents.  ``ref`` names what is read, ``kind`` is filing, file or paper."""

    part: int
    day: date
    title: str
    by: str
    number: str = ""
    note: str = ""
    kind: str = ""
    ref: str = ""


@dataclass(frozen=True)
class FileList:
    """The contents of a file, its row in the archive if it has been archived, and the closing note's words."""

    items: list[Item]
    file: ArchiveFile | None
    note: str


def of(petition: Petition) -> FileList:
    """Return the list of contents of ``petition``, which the caller has found by `visible_to`."""
    items = [*_filings(petition), *_attachments(petition), *_papers(petition)]
    items.sort(key=lambda item: (item.part, item.day))
    file = ArchiveFile.objects.select_related("department", "archived_by__user", "destruction").filter(
        petition=petition
    )
    return FileList(items, file.first(), _note(petition))


def _filings(petition: Petition) -> Iterable[Item]:
    for row in Filing.objects.filter(petition=petition).select_related("office").order_by("pk"):
        title = f"信访登记单（{row.get_channel_display()}{'，重复件' if row.repeat else ''}）"
        yield Item(0, row.received_on, title, row.office.name, row.number, kind="filing", ref=row.ref)


def _attachments(petition: Petition) -> Iterable[Item]:
    for row in Attachment.objects.filter(petition=petition).order_by("pk"):
        yield Item(0, localdate(row.added_at), f"附件：{row.name}", "信访人或登记人", kind="file", ref=row.ref)


def _papers(petition: Petition) -> Iterable[Item]:
    for row in Paper.objects.filter(petition=petition).select_related("department").order_by("pk"):
        served = f"{row.served_on:%-m月%-d日}送达" if row.served_on else ""
        note = "已作废" if row.void_on else served
        part = _PART_OF.get(row.kind, 6)
        yield Item(part, row.issued_on, row.title, row.department.name, row.number, note, kind="paper", ref=row.ref)


def _note(petition: Petition) -> str:
    key = key_of(petition)
    event = Event.objects.filter(petition=petition, step="archive").order_by("-seq").first()
    return words_of(event, petition, key).get("note", "") if event else ""
