"""How is personal data kept unreadable to whoever holds only the disk?"""

from __future__ import annotations

import base64
import os
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.db import connection, models
from django.db.models import Q
from django.db.models.sql.query import Query
from hypothesis import given
from hypothesis import strategies as st

from accounts import privacy
from accounts.privacy import EncryptedTextField, PrivacyError, blind, seal, unseal


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.binary(max_size=40))
def test_what_is_sealed_opens_in_its_own_place(text: str, aad: bytes) -> None:
    assert unseal(seal(text, aad), aad) == text


def test_equal_texts_are_sealed_differently_and_show_nothing() -> None:
    first, second = seal("13812345678", b"t.phone"), seal("13812345678", b"t.phone")
    assert first != second
    assert b"13812345678" not in first


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(PrivacyError):
        unseal(seal("13812345678", b"t.phone"), b"t.address")


def test_a_changed_byte_anywhere_is_noticed() -> None:
    sealed = seal("张三", b"t.name")
    for place in range(len(sealed)):
        broken = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(PrivacyError):
            unseal(broken, b"t.name")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"plain text that was never sealed", b"\x01\x09\x011" + b"0" * 40])
def test_what_was_never_sealed_is_refused(rubbish: bytes) -> None:
    with pytest.raises(PrivacyError):
        unseal(rubbish, b"t.name")


def test_a_new_key_seals_and_the_old_one_still_opens(settings: Any) -> None:
    old, new = os.urandom(32), os.urandom(32)
    settings.FIELD_KEYS = {"9": old}
    sealed = seal("张三", b"t.name")
    settings.FIELD_KEYS = {"9": old, "10": new}
    assert privacy.current_key_id() == "10"
    assert privacy.needs_new_seal(sealed)
    again = privacy.reseal(memoryview(sealed), b"t.name")
    assert not privacy.needs_new_seal(again)
    settings.FIELD_KEYS = {"10": new}
    assert unseal(again, b"t.name") == "张三"
    with pytest.raises(PrivacyError, match="no field key '9'"):
        unseal(sealed, b"t.name")


def test_keys_may_be_bytes_or_base64_and_must_have_32_bytes(settings: Any) -> None:
    key = os.urandom(32)
    settings.FIELD_KEYS = {"1": key}
    sealed = seal("张三", b"a")
    settings.FIELD_KEYS = {"1": base64.urlsafe_b64encode(key).decode()}
    assert unseal(sealed, b"a") == "张三"
    settings.FIELD_KEYS = {"1": b"short"}
    with pytest.raises(ImproperlyConfigured):
        seal("张三", b"a")
    settings.FIELD_KEYS = {}
    with pytest.raises(ImproperlyConfigured):
        seal("张三", b"a")


def test_a_matters_key_is_wrapped_for_its_matter_alone() -> None:
    key = privacy.new_matter_key()
    wrapped = privacy.wrap_key(key, b"matter:a")
    assert privacy.unwrap_key(memoryview(wrapped), b"matter:a") == key
    with pytest.raises(PrivacyError):
        privacy.unwrap_key(wrapped, b"matter:b")
    with pytest.raises(ValueError, match="32"):
        privacy.wrap_key(b"short", b"matter:a")


def test_words_under_a_matters_key_die_with_it() -> None:
    key = privacy.new_matter_key()
    sealed = privacy.seal_with(key, "调查笔录", b"event:1")
    assert privacy.unseal_with(key, sealed, b"event:1") == "调查笔录"
    assert privacy.unseal_bytes_with(key, sealed, b"event:1") == "调查笔录".encode()
    assert not privacy.needs_new_seal(sealed)
    with pytest.raises(PrivacyError):
        privacy.unseal_with(privacy.new_matter_key(), sealed, b"event:1")


# --- blind index -----------------------------------------------------------------------------------------------------


def test_equal_values_have_equal_digits_within_a_kind_only() -> None:
    assert blind("13812345678", "phone") == blind("13812345678", "phone")
    assert blind("13812345678", "phone") != blind("13812345678", "id")
    assert blind("13812345678", "phone") != blind("13812345679", "phone")
    assert len(blind("1", "id")) == 64


def test_nobody_without_an_id_is_taken_for_another_without_one() -> None:
    assert blind("", "id") == ""


def test_another_blind_key_gives_other_digits(settings: Any) -> None:
    first = blind("13812345678", "phone")
    settings.BLIND_KEY = os.urandom(32)
    assert blind("13812345678", "phone") != first


# --- the column ------------------------------------------------------------------------------------------------------


class Someone(models.Model):
    phone = EncryptedTextField("手机", blank=True, default="", max_length=20)
    note = EncryptedTextField(null=True)

    class Meta:
        app_label = "accounts"
        db_table = "test_someone"
        managed = False


@pytest.fixture
def _table(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE test_someone (id bigint PRIMARY KEY, phone bytea NOT NULL, note bytea)")


def _stored(column: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM test_someone")
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


@pytest.mark.usefixtures("_table")
def test_the_column_holds_bytes_and_the_object_holds_text() -> None:
    Someone(pk=1, phone="13812345678").save(force_insert=True)
    stored = _stored("phone")
    assert stored
    assert b"138" not in stored
    assert unseal(stored, b"test_someone.phone") == "13812345678"
    found = Someone.objects.get()
    assert (found.phone, found.note) == ("13812345678", None)


@pytest.mark.usefixtures("_table")
def test_bulk_writes_and_updates_are_sealed_too() -> None:
    Someone.objects.bulk_create([Someone(pk=1, phone="1", note="𠮷")])
    Someone.objects.update(phone="2")
    found = Someone.objects.get()
    assert (found.phone, found.note) == ("2", "𠮷")
    assert Someone.objects.values_list("phone", flat=True).get() == "2"
    assert Someone.objects.filter(note__isnull=False).count() == 1


@pytest.mark.usefixtures("_table")
def test_an_empty_text_stays_empty() -> None:
    Someone(pk=1).save(force_insert=True)
    assert _stored("phone") == b""
    assert Someone.objects.get().phone == ""


@pytest.mark.parametrize("lookup", ["phone", "phone__contains", "phone__in", "phone__gt"])
def test_the_column_cannot_be_asked_for_equal_texts(lookup: str) -> None:
    with pytest.raises(FieldError, match="blind index"):
        Query(Someone).add_q(Q(**{lookup: "1"}))


def test_a_dump_in_clear_is_refused() -> None:
    with pytest.raises(FieldError, match="not serialized"):
        serializers.serialize("json", [Someone(pk=1, phone="13812345678")])


def test_a_migration_can_write_the_field_down() -> None:
    _, path, args, kwargs = EncryptedTextField("手机", blank=True, default="", max_length=20).deconstruct()
    assert path == "accounts.privacy.EncryptedTextField"
    assert EncryptedTextField(*args, **kwargs).max_length == 20


def test_a_form_shows_text_and_keeps_the_length() -> None:
    field = Someone._meta.get_field("phone").formfield()
    assert field.clean("138") == "138"
    with pytest.raises(ValidationError):
        field.clean("1" * 21)
