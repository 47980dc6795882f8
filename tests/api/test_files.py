"""How do files come in and go out by the API?  By the page's own checks, with a draft, in scope, each download logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from accounts.models import AccessLog
from petitions import attachments
from petitions.actions import advance, drafts, register
from petitions.models import Attachment, Draft, Filing
from petitions.querycode import new_ref
from tests.api.caller import Caller, entry
from tests.cast import Cast
from tests.makes import entry as entry_of
from tests.petitions.test_attachments import PDF, PNG
from tests.petitions.test_recusal import recuse

pytestmark = pytest.mark.django_db
Call = Callable[[Actor], Caller]


def send(program: Caller, name: str, content: bytes, key: str | None = None, **fields: Any) -> Any:
    """Upload one file under a key of its own unless given."""
    said = {"file": SimpleUploadedFile(name, content), **fields}
    headers = program.headers | {"Idempotency-Key": new_ref() if key is None else key}
    return program.client.post("/api/files/", said, headers={k: v for k, v in headers.items() if v})


def filed(cast: Cast, **changes: Any) -> Attachment:
    """A file of a matter that the bureau will hold."""
    draft = drafts.draft_for(cast.registrar, new_ref())
    kept = attachments.take(SimpleUploadedFile("周桂英的收据.png", PNG), by=cast.registrar, draft=draft)
    register(entry_of(cast, **changes), by=cast.registrar, draft=draft)
    kept.refresh_from_db()
    return kept


# --- in --------------------------------------------------------------------------------------------------------------


def test_files_come_first_and_the_filing_takes_them_over(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    first = send(program, "收据.png", PNG)
    assert first.status_code == 201, first.content.decode()
    said = first.json()
    assert said["file"]["name"] == "收据.png" and said["file"]["media_type"] == "image/png"
    again = send(program, "说明.pdf", PDF, draft=said["draft"])
    assert again.json()["draft"] == said["draft"]
    done = program.post("filings/", entry(draft=said["draft"]))
    assert done.status_code == 201, done.content.decode()
    filing = Filing.objects.get(ref=done.json()["filing"])
    assert [row.name for row in Attachment.objects.filter(filing=filing).order_by("pk")] == ["收据.png", "说明.pdf"]
    listed = program.get(f"petitions/{done.json()['petition']}/files/").json()["files"]
    assert [one["ref"] for one in listed] == [said["file"]["ref"], again.json()["file"]["ref"]]
    answer = program.get(f"files/{listed[0]['ref']}/")
    assert b"".join(answer.streaming_content) == PNG


def test_the_same_sending_keeps_one_file(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    first, again = (send(program, "收据.png", PNG, key="hotline-1") for _ in range(2))
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert Attachment.objects.count() == Draft.objects.count() == 1
    other = send(program, "收据.pdf", PDF, key="hotline-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert send(program, "收据.png", PNG, key="").status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("空.png", b"", 422), ("网页.png", b"<html>", 422), ("收据.exe", PNG, 422), ("收据.png", PDF, 422)],
)
def test_what_the_page_does_not_take_is_not_taken(
    cast: Cast, call: Call, name: str, content: bytes, status: int
) -> None:
    answer = send(call(cast.registrar), name, content)
    assert answer.status_code == status
    assert list(answer.json()["fields"]) == ["file"]
    assert not Attachment.objects.exists() and not Draft.objects.exists()


def test_a_body_larger_than_a_file_may_be_is_refused_before_it_is_read(cast: Cast, call: Call, settings: Any) -> None:
    settings.ATTACHMENT_MB = 1
    answer = send(call(cast.registrar), "收据.png", PNG + b"\0" * (2 * 2**20))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = send(call(cast.registrar), "收据.png", PNG + b"\0" * 2**20)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["file"])


def test_only_who_registers_uploads_and_only_to_drafts_of_his_own(cast: Cast, call: Call) -> None:
    assert send(call(cast.handler), "收据.png", PNG).status_code == 403
    draft = send(call(cast.registrar), "收据.png", PNG).json()["draft"]
    other = call(cast.registrar2)
    assert send(other, "收据.png", PNG, draft=draft).status_code == 404
    assert send(other, "收据.png", PNG, draft="nonsense").status_code == 422
    refused = other.post("filings/", entry(draft=draft))
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["draft"])
    assert not Filing.objects.exists()


def test_a_draft_is_registered_once(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    draft = send(program, "收据.png", PNG).json()["draft"]
    assert program.post("filings/", entry(draft=draft)).status_code == 201
    people = [{"name": "吴国强", "phone": "139 1111 2222"}]
    assert program.post("filings/", entry(draft=draft, people=people)).status_code == 409
    assert send(program, "又一张.png", PNG, draft=draft).status_code == 409
    assert Filing.objects.count() == 1


def test_several_files_or_something_else_besides_are_refused(cast: Cast, call: Call) -> None:
    program = call(cast.registrar)
    two = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.png", PNG)]
    headers = program.headers | {"Idempotency-Key": new_ref()}
    assert program.client.post("/api/files/", {"file": two}, headers=headers).status_code == 422
    assert send(program, "a.png", PNG, more="x").status_code == 422
    assert program.client.post("/api/files/", {"file": "text"}, headers=headers).status_code == 422
    assert program.client.post("/api/files/", headers=headers).status_code == 422
    assert program.client.generic("POST", "/api/files/", b"", headers=headers).status_code == 422
    answer = program.post("files/", {"file": "text"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


# --- out -------------------------------------------------------------------------------------------------------------


def test_a_file_is_handed_out_in_scope_alone_and_each_download_is_logged(cast: Cast, call: Call) -> None:
    kept = filed(cast)
    answer = call(cast.triage).get(f"files/{kept.ref}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "attachment" in answer["Content-Disposition"]
    log = AccessLog.objects.get(kind="download", target=f"attachment:{kept.ref}")
    assert log.user == cast.triage.user and log.data["token"].startswith("xf_")
    for stranger in (cast.handler, cast.sibling_signer):
        refused = call(stranger).get(f"files/{kept.ref}/")
        assert (refused.status_code, refused.json()["code"]) == (404, "not_seen")
        assert call(stranger).get(f"petitions/{kept.petition.ref}/files/").status_code == 404  # type: ignore[union-attr]
    assert AccessLog.objects.filter(kind="download").count() == 1


def test_a_picture_is_answered_whatever_the_caller_would_rather_have(cast: Cast, call: Call) -> None:
    kept, program = filed(cast), call(cast.triage)
    for wanted in ("image/*", "text/html", "application/json"):
        answer = program.client.get(f"/api/files/{kept.ref}/", headers=program.headers | {"Accept": wanted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        refused = program.client.get("/api/files/unknown/", headers=program.headers | {"Accept": wanted})
        assert json.loads(refused.content)["code"] == "not_seen"


def test_a_files_own_name_is_not_told_to_who_may_not_know_the_petitioners(cast: Cast, call: Call) -> None:
    kept = filed(cast, hide_name=True)
    assert kept.petition is not None
    advance("transfer", on=kept.petition.filings.get(), by=cast.triage, department=cast.bureau)
    program = call(cast.signer)
    listed = program.get(f"petitions/{kept.petition.ref}/files/").json()["files"]  # type: ignore[union-attr]
    assert [one["name"] for one in listed] == ["附件1.png"]
    assert "%E5%91%A8" not in program.get(f"files/{kept.ref}/")["Content-Disposition"]
    assert call(cast.triage).get(f"petitions/{kept.petition.ref}/files/").json()["files"][0]["name"] == kept.name  # type: ignore[union-attr]


def test_who_was_recused_and_is_not_to_know_the_name_is_shut_out(cast: Cast, call: Call) -> None:
    kept = filed(cast)
    petition = kept.petition
    assert petition is not None
    advance("transfer", on=petition.filings.get(), by=cast.triage, department=cast.bureau)
    advance("sign_for", on=petition.assignments.get(), by=cast.signer)
    advance("accept", on=petition.assignments.get(), by=cast.signer, handler=cast.handler.post)
    program = call(cast.handler)
    assert program.get(f"files/{kept.ref}/").status_code == 200
    recuse(cast, petition, cast.handler)
    refused = program.get(f"files/{kept.ref}/")
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_person")
    assert program.get(f"petitions/{petition.ref}/files/").json()["files"][0]["name"] == "附件1.png"
