"""How much of personal data does a screen show before somebody asks for the rest?

The last four digits of an ID or a telephone are the petitioner's second factor on the public page (with the query code):
no mask shows them whole, or whoever reads a list could answer for the petitioner.
"""

from __future__ import annotations

import re

from accounts.surnames import DOUBLE_SURNAMES

_TOWN = re.compile(r"^.{0,30}?(?:街道|镇|乡)")
_COUNTY = re.compile(r"^.{0,20}?(?:县|区|旗)")


def mask_id(number: str) -> str:
    """Return a document number with all but the first four and last two marks hidden: "3307************34"."""
    return _middle(number, 4, 2)


def mask_phone(phone: str) -> str:
    """Return a telephone number with all but its beginning and last two digits hidden: "138******78"."""
    plain = phone.partition(";")[0].removeprefix("+86")
    if phone.startswith("+86") and not plain.startswith(("1", "400", "95")):
        plain = f"0{plain}"
    return _middle(plain, 3, 2)


def mask_name(name: str) -> str:
    """Return a name by its surname: 张三 → 张某, 张三丰 → 张*某, 欧阳娜娜 → 欧阳*某, John Smith → J***."""
    name = name.strip()
    if not name:
        return ""
    if name[0].isascii():
        return f"{name[0]}***"
    if "·" in name or "•" in name:
        return f"{name[0]}**某"  # neither part is a surname, and their lengths would tell much
    surname = name[:2] if name[:2] in DOUBLE_SURNAMES and len(name) > 2 else name[0]
    return f"{surname}{'*' * (len(name) - len(surname) - 1)}某"


def mask_address(address: str) -> str:
    """Return an address down to the town or street office, else the county, else its first six characters."""
    address = address.strip()
    if not address:
        return ""
    found = _TOWN.match(address) or _COUNTY.match(address)
    kept = found.group() if found else address[: min(6, len(address) // 2)]
    return f"{kept}****"


def _middle(text: str, head: int, tail: int) -> str:
    """Hide the middle; at least half stays hidden, and of a short text all but a quarter."""
    if len(text) < 2 * (head + tail):
        head, tail = min(head, len(text) // 4), 0
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
