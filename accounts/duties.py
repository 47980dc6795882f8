"""Which posts belong in which kind of body, and which may one person not hold together?

Duties are kept apart only where the law or safety asks for it: the three administrators watch one another, so that no person
is two of them; everything else one person may do in a small unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.models import COMPETENT_KINDS, DepartmentKind, Role

K = DepartmentKind
ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Powers that are never lent: the counter needs nobody's signature, and an administrator is known by his own name.
NOT_LENT = ADMINISTRATORS | {Role.AUDITOR, Role.REGISTRAR, Role.SYSTEM}

_REVIEW = frozenset(
    {Role.REVIEWER, Role.REREVIEWER}
)  # whoever stands above a body may review its opinions (Art.35, 36)
_UNIT = frozenset({Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD, Role.REGISTRAR}) | _REVIEW
_OFFICE = frozenset({Role.REGISTRAR, Role.TRIAGE, Role.OFFICE_HEAD, Role.SUPERVISOR})
_ANYWHERE = ADMINISTRATORS | {Role.AUDITOR}
# Bodies that take a matter over but decide nothing in it here: somebody signs for it.
_RECEIVES = frozenset({Role.SIGNER, Role.HANDLER, Role.UNIT_LEADER, Role.UNIT_HEAD})

ROLES: Mapping[str, frozenset[Role]] = {
    **dict.fromkeys(COMPETENT_KINDS, _UNIT | _ANYWHERE),
    K.PETITION_OFFICE: _UNIT | _OFFICE | _ANYWHERE | {Role.CONFERENCE},  # the conference's office often sits there
    K.LEADERSHIP: frozenset({Role.LEADER}) | _REVIEW | _ANYWHERE,
    K.CONFERENCE: frozenset({Role.CONFERENCE, Role.SUPERVISOR}) | _ANYWHERE,
    K.REVIEW: _REVIEW | _ANYWHERE,
    K.INNER: _RECEIVES | _ANYWHERE,
    K.COURT: _RECEIVES | _ANYWHERE,
    K.PROCURATORATE: _RECEIVES | _ANYWHERE,
    K.DISCIPLINE: _RECEIVES | _ANYWHERE,
    K.VILLAGE: frozenset({Role.REGISTRAR, Role.HANDLER}),
    K.SUPERIOR: frozenset(),
    K.SYSTEM: frozenset(),
}


def fits(role: str, kind: str) -> bool:
    """Whether a post of ``role`` belongs in a body of ``kind``."""
    return role in ROLES.get(kind, frozenset())


def clash(role: str, held: Iterable[str]) -> str:
    """Return why ``role`` cannot be added to the roles ``held`` by one person; ``""`` where it can."""
    others = ADMINISTRATORS - {role}
    if role in ADMINISTRATORS and others & set(held):
        return "系统、安全、审计三种管理员不能由同一人担任（三员分立）。"
    return ""
