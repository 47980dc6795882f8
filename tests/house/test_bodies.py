"""Does everything that names a body say what becomes of it when the body is merged?"""

from __future__ import annotations

from django.apps import apps
from django.db import models

from accounts.models import Department
from petitions.reorganise import FATES


def test_every_column_that_names_a_body_has_a_fate() -> None:
    """Add yours to ``FATES`` in petitions/reorganise.py, and if it goes along with open work, to the handover."""
    named = {
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and column.related_model is Department
    }
    assert named - set(FATES) == set()
    assert set(FATES.values()) <= {"matter", "rule", "column", "post", "history"}
