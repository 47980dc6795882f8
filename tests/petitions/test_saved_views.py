"""A view is a name for an address: kept by a post, shared by the head of its unit, and honest when it no longer fits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import Department
from petitions import saved_views
from petitions.errors import BadInput, WrongPerson
from petitions.models import DefaultView, SavedView
from petitions.saved_views import plain, save, views_of
from tests.cast import Cast
from tests.makes import Makes

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


def names(actor: Actor, page: str = "matters") -> list[str]:
    return [view.name for view in views_of(actor, page)]


@given(st.dictionaries(st.sampled_from(["stage", "cols", "after", "all", "region"]), words))
def test_an_address_has_one_form_whatever_its_order_and_its_marks(pairs: dict[str, str]) -> None:
    there, back = QueryDict(mutable=True), QueryDict(mutable=True)
    there.update(pairs)
    back.update(dict(reversed(pairs.items())))
    kept = {name: value.strip() for name, value in pairs.items() if value.strip() and name not in ("after", "all")}
    assert plain(there) == plain(back)
    assert parse_qs(plain(there)) == {name: [value] for name, value in kept.items()}
    assert plain(QueryDict(plain(there))) == plain(there)


def test_a_view_is_found_by_its_post_alone_until_the_head_shares_it(cast: Cast) -> None:
    save(cast.handler, "matters", "我的", "stage=handling")
    save(cast.unit_head, "matters", "本局超期", "overdue=yes", shared=True)
    assert names(cast.handler) == ["本局超期", "我的"]
    assert names(cast.signer) == ["本局超期"]
    assert names(cast.sibling_head) == names(cast.triage) == []
    with pytest.raises(WrongPerson):
        save(cast.signer, "matters", "给大家", "stage=sent", shared=True)


def test_the_same_name_stands_for_the_new_address(cast: Cast) -> None:
    first = save(cast.triage, "matters", "待签收", "stage=sent")
    assert save(cast.triage, "matters", " 待签收 ", "stage=sent&sort=due").pk == first.pk
    assert SavedView.objects.get().query == "sort=due&stage=sent"


def test_what_is_no_name_or_too_much_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "   ", "长" * 31, "\u202e反"):
        with pytest.raises(BadInput):
            save(cast.triage, "matters", name, "")
    with pytest.raises(BadInput):
        save(cast.triage, "matters", "长", "stage=" + "x" * 1500)
    monkeypatch.setattr(saved_views, "MOST", 1)
    save(cast.triage, "matters", "一", "stage=sent")
    with pytest.raises(BadInput):
        save(cast.triage, "matters", "二", "stage=sent")


def test_a_list_opens_with_its_default_and_with_everything_where_that_is_asked(
    cast: Cast, make: Makes, signed_in: SignIn
) -> None:
    make.registered()
    client = signed_in(cast.triage)
    answer = client.post(
        "/views/save/", {"page": "matters", "name": "待签收", "query": "stage=sent&size=50", "default": "1"}
    )
    assert answer["Location"] == "/petitions/?size=50&stage=sent"
    assert client.get("/petitions/")["Location"] == "/petitions/?size=50&stage=sent"
    assert client.get("/petitions/?all=1").status_code == 200
    page = client.get("/petitions/?stage=sent&size=50").content.decode()
    assert 'href="/petitions/?size=50&amp;stage=sent" aria-current="true"' in page
    assert 'class="chip" href="?size=50"' in page  # the filter dropped leads to everything, not to the default again
    view = SavedView.objects.get()
    assert client.post(f"/views/{view.ref}/", {"do": "no_default"}).status_code == 302
    assert client.get("/petitions/").status_code == 200


def test_who_does_not_make_a_shared_view_opens_with_it_and_does_not_change_it(cast: Cast, signed_in: SignIn) -> None:
    view = save(cast.unit_head, "matters", "本局超期", "overdue=yes", shared=True)
    client = signed_in(cast.signer)
    assert client.post(f"/views/{view.ref}/", {"do": "default"}).status_code == 302
    assert client.get("/petitions/")["Location"] == "/petitions/?overdue=yes"
    assert client.post(f"/views/{view.ref}/", {"do": "delete"}).status_code == 403
    assert client.post(f"/views/{view.ref}/", {"do": "rename", "name": "别的"}).status_code == 403
    stranger = signed_in(cast.sibling_head)
    assert stranger.post(f"/views/{view.ref}/", {"do": "default"}).status_code == 404


def test_what_is_no_longer_shared_is_nobody_elses_default(cast: Cast) -> None:
    view = save(cast.unit_head, "matters", "本局超期", "overdue=yes", shared=True, default=True)
    saved_views.make_default(cast.signer, view)
    saved_views.rename(cast.unit_head, view, "本局超期", shared=False)
    assert list(DefaultView.objects.values_list("post", flat=True)) == [cast.unit_head.post.pk]
    assert names(cast.signer) == []


def test_a_successor_head_keeps_what_the_unit_uses(cast: Cast) -> None:
    from accounts.models import Post, Role

    view = save(cast.unit_head, "matters", "本局超期", "overdue=yes", shared=True)
    post = Post.objects.create(
        user=cast.handler.user, department=cast.bureau, role=Role.UNIT_HEAD, valid_from=date(2026, 1, 1)
    )
    saved_views.delete(Actor(cast.handler.user, post), view)
    assert not SavedView.objects.exists()


def test_a_view_whose_conditions_are_gone_says_so(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    from petitions import trees

    make.sent()
    client = signed_in(cast.triage)
    save(cast.triage, "matters", "住建局", f"responsible={cast.sibling.pk}")
    save(cast.triage, "matters", "老分类", "category=T9999")
    Department.objects.filter(pk=cast.sibling.pk).update(valid_to=date(2026, 1, 1))
    trees.forget()
    page = client.get("/views/").content.decode()
    assert "条件已失效：责任单位（住房和城乡建设局已停用或撤销）" in page
    assert "条件已失效：内容分类" in page
    listed = client.get(f"/petitions/?responsible={cast.sibling.pk}")
    assert listed.status_code == 200  # its old matters are still to be found
    assert "视图“住建局”的条件已失效" in listed.content.decode()
    refused = client.get("/petitions/?category=T9999")
    assert refused.status_code == 422
    assert "视图“老分类”的条件已失效：内容分类" in refused.content.decode()


def test_a_tray_that_looks_over_many_units_keeps_views_too(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.supervisor)
    answer = client.post(
        "/views/save/", {"page": "tray:overdue", "name": "自规局", "query": "unit=T-ZR", "default": "1"}
    )
    assert answer["Location"] == "/tray/overdue/?unit=T-ZR"
    assert client.get("/tray/overdue/")["Location"] == "/tray/overdue/?unit=T-ZR"
    assert client.get("/tray/overdue/?all=1").status_code == 200
    assert client.post("/views/save/", {"page": "tray:to_sign", "name": "别的", "query": ""}).status_code == 422


def test_a_view_widens_nobody_s_scope(cast: Cast, make: Makes, signed_in: SignIn) -> None:
    held = make.sent()
    view = save(cast.head, "matters", "全部待签收", "stage=sent", shared=True)
    assert view.unit_id == cast.office.pk
    place = urlsplit("/petitions/?stage=sent")
    assert held.petition.title in signed_in(cast.triage).get(place.geturl()).content.decode()
    assert held.petition.title not in signed_in(cast.sibling_signer).get(place.geturl()).content.decode()
