"""How forms are drawn: label above, hint below, error beside, all of it tied to the field for those who listen."""

from __future__ import annotations

from django import forms

from accounts.rendering import Group, GroupedForm


class Person(GroupedForm, forms.Form):
    """Two fields in a group and one outside."""

    name = forms.CharField(label="姓名", max_length=20)
    phone = forms.CharField(label="电话", max_length=20, required=False, help_text="可以不填")
    agreed = forms.BooleanField(label="同意", required=False)
    draft = forms.CharField(widget=forms.HiddenInput, required=False)
    GROUPS = (Group("来访人", ("name", "phone")),)


def test_required_is_a_word_and_width_follows_length() -> None:
    """Not a red star."""
    drawn = str(Person()["name"].as_field_group())
    assert '<span class="must">必填</span>' in drawn
    assert "field--s" in drawn
    assert 'autocomplete="off"' in drawn


def test_an_error_is_beside_the_field_and_in_the_summary() -> None:
    """And the field says that it is wrong and where the error stands."""
    form = Person({"name": ""})
    drawn = str(form)
    assert 'href="#id_name"' in drawn
    assert 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_name_error"' in drawn
    assert "data-focus" in drawn


def test_a_hint_is_tied_to_its_field_and_escaped() -> None:
    """The listener hears it with the label."""
    form = Person()
    form.fields["phone"].help_text = "<b>"
    drawn = str(form["phone"].as_field_group())
    assert 'aria-describedby="id_phone_helptext"' in drawn
    assert "&lt;b&gt;" in drawn


def test_groups_come_in_order_and_leave_nothing_out() -> None:
    """A field in no group follows, a hidden one is in none."""
    groups = [[field.name for field in group.fields] for group in Person().drawn_groups()]
    assert groups == [["name", "phone"], ["agreed"]]
    assert 'name="draft"' in str(Person())


def test_rows_can_be_added_without_a_script() -> None:
    """The button is an ordinary submit."""
    rows = forms.formset_factory(Person, extra=1, can_delete=True)(prefix="people")
    drawn = str(rows)
    assert 'name="add_row" value="people"' in drawn
    assert "people-__prefix__-name" in drawn
