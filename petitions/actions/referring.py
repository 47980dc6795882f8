"""How is a filing called elsewhere?  Another system's number, written down after registration and never twice."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from petitions.actions.door import Work, effect
from petitions.actions.entered import MOST_REFERENCES
from petitions.errors import BadInput
from petitions.models import ExternalReference, Filing

RULE = "一个外部编号只登记一次"


@effect("add_reference")
def add_reference(work: Work, *, system: str, number: str) -> None:
    """Write down that ``system`` calls the filing ``number``; whoever looks for that number finds the matter from now on.

    Raises:
        BadInput: a part is missing or too long, there are too many, or the number has been registered, with whichever filing.
    """
    assert isinstance(work.row, Filing)
    system, number = system.strip(), number.strip()
    wrong = {} if 0 < len(system) <= 40 else {"system": "请写明来自哪个系统（40字内）。"}
    wrong |= {} if 0 < len(number) <= 80 else {"number": "请填写编号（80字内）。"}
    if work.row.references.count() >= MOST_REFERENCES:
        wrong["number"] = f"一件最多登记{MOST_REFERENCES}个外部编号。"
    if wrong:
        raise BadInput(wrong, rule=RULE)
    try:
        with transaction.atomic():
            ExternalReference.objects.create(filing=work.row, system=system, number=number)
    except IntegrityError:
        raise BadInput({"number": "这个外部编号已经登记过，请先查找。"}, rule=RULE) from None
    work.data["reference"] = f"{system} {number}"
