"""Demo and office never meet: a mark in the database keeps them apart, both ways, and cannot be rubbed out."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from accounts import standing
from accounts.forms import PasswordForm
from accounts.models import DatabaseMark, Department, Office, User
from accounts.passwords import NotPublished
from config import embedded
from config.postgres.base import as_owner
from petitions.bulk.load import generate
from petitions.demo.county import PASSWORD, build_county
from petitions.demo.guard import NotADemo
from petitions.models import CalendarYear, Category, LocalRule, RoutingRule
from tests.cast import Cast
from tests.config.test_embedded import clean_environment, new_var

__all__ = ["new_var"]


def test_an_office_begins_empty_with_what_the_law_gives(db: Any, settings: Any) -> None:
    settings.OFFICE_MODE = "office"
    call_command("begin")
    assert standing.mark() == "office"
    assert (Category.objects.filter(parent=None).count(), Category.objects.exclude(parent=None).count()) == (17, 112)
    assert CalendarYear.objects.exists()
    assert Office.objects.get().finished_at is None
    assert not User.objects.exclude(username="system").exists()
    assert not Department.objects.exclude(code="system").exists()
    assert not RoutingRule.objects.exists() and not LocalRule.objects.exists()


def test_beginning_again_gives_nothing_back_that_was_taken_out(db: Any, settings: Any) -> None:
    settings.OFFICE_MODE = "office"
    call_command("begin")
    Category.objects.filter(pk="1703").delete()
    call_command("begin")
    assert not Category.objects.filter(pk="1703").exists()


def test_no_invented_row_enters_an_office_whatever_the_settings_say(db: Any, settings: Any) -> None:
    standing.take("office")
    settings.OFFICE_MODE = "demo"
    for invent in (build_county, lambda: call_command("demo", if_empty=True), lambda: generate(3)):
        with pytest.raises((NotADemo, CommandError)):
            invent()
    with pytest.raises(CommandError):
        call_command("generate", petitions=3, on_an_empty_database=True)
    with pytest.raises(CommandError, match="正式"):
        call_command("begin")
    assert standing.is_empty()


def test_an_office_never_begins_on_a_demo(db: Any, settings: Any) -> None:
    build_county()
    assert standing.mark() == "demo"
    settings.OFFICE_MODE = "office"
    with pytest.raises(CommandError, match="演示"):
        call_command("begin")
    with pytest.raises(standing.WrongDatabase):
        standing.check("office")


def test_rows_of_unknown_origin_are_taken_for_neither(cast: Cast) -> None:
    for kind in ("demo", "office"):
        with pytest.raises(standing.WrongDatabase, match="没有用途标记"):
            standing.take(kind)
    with pytest.raises(NotADemo):
        build_county()


def test_the_mark_is_for_good(db: Any) -> None:
    standing.take("office")
    assert standing.take("office") is False
    for change in (
        lambda: DatabaseMark.objects.update(kind="demo"),
        lambda: DatabaseMark.objects.all().delete(),
        lambda: DatabaseMark.objects.create(id=2, kind="demo"),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()
    assert standing.mark() == "office"


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_of_the_tables_turns_it_round() -> None:
    standing.take("demo")
    with as_owner(connection), connection.cursor() as cursor, pytest.raises(DatabaseError, match="only ever added to"):
        cursor.execute("UPDATE accounts_databasemark SET kind = 'office'")
    assert standing.mark() == "demo"


@pytest.mark.parametrize("text", [PASSWORD, PASSWORD.lower(), f"{PASSWORD}!", f"my{PASSWORD}"])
def test_the_demos_password_is_nobodys(db: Any, text: str) -> None:
    with pytest.raises(ValidationError, match="演示系统公开"):
        NotPublished().validate(text)
    user = User.objects.create_user("someone", "an-old-Password-7", name="某人")
    form = PasswordForm({"old": "an-old-Password-7", "new": text, "again": text}, user=user)
    assert "new" in form.errors


def test_the_folder_remembers_what_it_was_begun_as(new_var: Any) -> None:
    var = new_var()
    (var / "mode").parent.mkdir(parents=True, exist_ok=True)
    (var / "mode").write_text("office\n")
    code = "from config import embedded; print(embedded.mode())"
    said = {
        wish: subprocess.run(
            [sys.executable, "-c", code], cwd=embedded.ROOT, capture_output=True, text=True, check=True,
            env=clean_environment(var) | ({"OFFICE_MODE": wish} if wish else {}),
        ).stdout.strip()
        for wish in ("", "demo")
    }  # fmt: skip
    assert said == {"": "office", "demo": "demo"}
