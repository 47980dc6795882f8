"""Every address × every person × a matter that the bureau is handling → what the door answers.

A door that is not in this table fails the suite (tests/test_doors.py), so that no page is ever added without saying who
may pass.  Codes: 200 page, 302 sign-in or "done", 401 sign-in (part of a page), 403 wrong person, 404 unseen, 409 wrong
moment, 422 bad input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Who sees a matter that the bureau holds; everybody else is told that there is none.
COUNTER = frozenset({"registrar", "registrar2"})
OFFICE = COUNTER | {"triage", "head", "supervisor"}
BUREAU = frozenset({"signer", "handler", "unit_leader", "unit_head"})
REVIEWERS = frozenset({"reviewer", "reviewer2", "rereviewer", "rereviewer2", "conference"})
SEES = OFFICE | BUREAU | REVIEWERS | {"leader"}
AUDIT = frozenset({"auditor", "audit_admin"})
STAFF = SEES | AUDIT | {
    "sibling_signer", "sibling_handler", "sibling_head", "police_signer", "township_signer", "township_registrar",
    "stranger", "other_leader", "system_admin", "security_admin",
}  # fmt: skip
REGISTRARS = COUNTER | {"township_registrar"}
# A body may be written to directly (Art.17), so that those who sign for its matters register too.
MAY_REGISTER = REGISTRARS | {"triage", "signer", "sibling_signer", "police_signer", "township_signer"}

# Posts for which no program acts: they have no token.
NO_PROGRAM = AUDIT | {"system_admin", "security_admin"}

SIGN_IN = (302,)  # a page leads to the sign-in page
NOT_SIGNED_IN = (401,)  # a part of a page, or a form, says so
UNSEEN = (404,)


@dataclass(frozen=True)
class Door:
    """One address.

    Attributes:
        name: the URL's name with its namespace; ``args``: its arguments, by the names of tests/test_doors.py's refs
            (``petition``, ``run``, ...), or a word that stands for itself.
        method: GET, or POST with an empty body.
        open_to: people for whom the answer is one of ``yes``.
        no: for staff who see the matter but are not among them; ``blind``: for staff who do not see it (None: the door
            belongs to no matter, they get ``no``).
        nobody: for a visitor who is not signed in.
        query: what stands behind the address.
    """

    name: str
    args: tuple[str, ...] = ()
    method: str = "GET"
    open_to: frozenset[str] = STAFF
    yes: tuple[int, ...] = (200,)
    no: tuple[int, ...] = (403,)
    blind: tuple[int, ...] | None = None
    nobody: tuple[int, ...] = SIGN_IN
    query: str = ""
    program: bool = False  # knocked at with a token of the person, where the post may have one
    note: str = field(default="", compare=False)

    def expected(self, who: str) -> tuple[int, ...]:
        """The statuses that are right for ``who`` ("anonymous": nobody)."""
        if who == "anonymous":
            return self.nobody
        if self.program and who in NO_PROGRAM:
            return NOT_SIGNED_IN
        if who in self.open_to:
            return self.yes
        return self.blind if self.blind is not None and who not in SEES else self.no


def _matter(name: str, *args: str, **more: object) -> Door:
    """A door of one matter: open to those who see it unless told otherwise, closed without a word to the others."""
    given: dict[str, object] = {"open_to": SEES, "blind": UNSEEN, **more}
    return Door(name, args, **given)  # type: ignore[arg-type]


def _form(name: str, *args: str, **more: object) -> Door:
    """A form sent empty."""
    given: dict[str, object] = {"method": "POST", "nobody": NOT_SIGNED_IN, "yes": (422,), **more}
    return Door(name, args, **given)  # type: ignore[arg-type]


_STEP = "petitions:step"
_SENT: Mapping[str, object] = {"method": "POST", "nobody": NOT_SIGNED_IN}


def _late(step: str, row: str) -> Door:
    """A step whose moment has passed or has not come: so it is said to everybody who sees the matter."""
    return _matter(_STEP, "petition", step, row, **_SENT, yes=(409,))


# The first-run pages are not there for anybody once an administrator is (tests/petitions/test_setup_pages.py opens them).
_NOBODY: Mapping[str, object] = {"open_to": frozenset(), "no": UNSEEN, "nobody": UNSEEN}
_FIRST_RUN = (
    *(
        Door(f"petitions:setup{name}", method=method, **_NOBODY)  # type: ignore[arg-type]
        for name in ("", "_region", "_office", "_rules", "_people", "_administrators")
        for method in ("GET", "POST")
    ),
    Door("petitions:setup_template", **_NOBODY),  # type: ignore[arg-type]
    Door("petitions:setup_take_over", method="POST", **_NOBODY),  # type: ignore[arg-type]
    Door("petitions:setup_skip", method="POST", **_NOBODY),  # type: ignore[arg-type]
)

_EVERYBODY = (
    Door("ca", nobody=(200,), note="public: how to install the certificate authority"),
    Door("ca_file", open_to=frozenset(), no=UNSEEN, nobody=UNSEEN, note="the suite's office has none"),
    *_FIRST_RUN,
    Door("home"),
    Door("petitions:notices"),
    Door("petitions:list"),
    Door("petitions:list", query="?sort=due&cols=title.due.handler.co_units"),
    Door("petitions:columns"),
    Door("petitions:views"),
    Door("petitions:reminders"),
    _form("petitions:reminder_done", "reminder", open_to=frozenset({"triage"}), yes=(302,), no=UNSEEN),
    _form("petitions:export", yes=UNSEEN, note="no list was named"),
    _form("petitions:save_view", note="no such list"),
    _form("petitions:change_view", "view", open_to=frozenset({"triage"}), yes=UNSEEN, no=UNSEEN, note="nothing to do"),
    Door("petitions:search", query="?q=承包地"),
    _form("petitions:read_notices", yes=(302,), note="marks everything read"),
    Door("accounts:sign_in", nobody=(200,)),
    _form("accounts:sign_in", nobody=(422,)),
    Door("accounts:password"),
    _form("accounts:password", nobody=(302,)),
    _form("accounts:sign_out", yes=(302,), nobody=(302,)),
    _form("accounts:switch_post", yes=(302,), nobody=(302,), note="no such post: nothing changes, and it is said"),
    _form("accounts:display", yes=(302,), nobody=(302,)),
)
_TRAYS = (
    Door("petitions:tray", ("to_route",), open_to=REGISTRARS | {"triage", "head"}, no=UNSEEN),
    Door("petitions:tray", ("no_such_tray",), open_to=frozenset(), no=UNSEEN),
    Door("petitions:tray_columns", ("to_route",), open_to=REGISTRARS | {"triage", "head"}, no=UNSEEN),
    Door("petitions:bulk_transfer", open_to=frozenset({"triage", "head"}), yes=(422,), note="nothing was picked"),
    Door(
        "petitions:bulk_step",
        ("sign_for",),
        open_to=frozenset(
            {"signer", "unit_head", "sibling_signer", "sibling_head", "police_signer", "township_signer"}
        ),
        yes=(422,),
        note="nothing was picked",
    ),
    _form("petitions:bulk_step", "remind", open_to=frozenset({"triage", "head", "supervisor"})),
    Door("petitions:bulk_step", ("draft",), open_to=frozenset(), no=UNSEEN, note="no step for many"),
    _form("petitions:bulk_transfer", open_to=frozenset({"triage", "head"})),
    Door("petitions:access_log", open_to=AUDIT),
)
_COUNTER = (
    Door("petitions:register", open_to=MAY_REGISTER),
    _form("petitions:register", open_to=MAY_REGISTER),
    _form("petitions:draft_save", open_to=MAY_REGISTER, note="without a name no draft is kept"),
    Door("petitions:draft", ("draft",), open_to=frozenset({"registrar"}), no=(403, 404)),
    _form("petitions:throw_away", "draft", open_to=frozenset({"registrar"}), yes=(302,), no=(403, 404)),
    _form("petitions:look_up", open_to=MAY_REGISTER, yes=(200,), note="nothing typed: an empty panel"),
    _form("petitions:suggest", open_to=MAY_REGISTER, yes=(200,), note="nothing typed: an empty panel"),
    Door("petitions:attachment", ("draft_file",), open_to=frozenset({"registrar"}), no=UNSEEN),
)
_MATTER = (
    _matter("petitions:case", "petition"),
    _matter("petitions:digest", "petition"),
    _matter("petitions:registered", "filing"),
    _matter("petitions:receipt", "filing"),
    _matter("petitions:attachment", "file"),
    _matter("petitions:paper", "paper", nobody=UNSEEN),
    _matter("petitions:remind_me", "petition"),
    _matter("petitions:remind_me", "petition", **_SENT, yes=(422,), note="no day was chosen"),
    _matter("petitions:paper_docx", "paper", nobody=UNSEEN),
    _matter("petitions:near", "petition", note="matters about the same trouble, each in the reader's scope"),
    _matter("petitions:reveal", "petition", **_SENT, query="?person=1", note="each look is written down"),
    _matter("petitions:reveal", "petition", **_SENT, yes=UNSEEN, note="nobody was asked for"),
    _matter("petitions:reissue", "filing", open_to=OFFICE - {"supervisor"}),
    _matter("petitions:reissue", "filing", **_SENT, open_to=OFFICE - {"supervisor"}, yes=(422,)),
)
# One step of each kind of row; every step by every hand is in tests/petitions/test_steps.py.
_STEPS = (
    _matter(_STEP, "petition", "interview", "run", open_to=frozenset({"handler"})),
    _matter(_STEP, "petition", "interview", "run", **_SENT, open_to=frozenset({"handler"}), yes=(422,)),
    _matter(_STEP, "petition", "extend", "run", open_to=frozenset({"unit_head"})),
    _matter(_STEP, "petition", "extend", "run", **_SENT, open_to=frozenset({"unit_head"}), yes=(422,)),
    _late("check", "run"),
    _matter(_STEP, "petition", "assign_handler", "held", **_SENT, open_to=BUREAU - {"handler"}, yes=(422,)),
    _late("sign_for", "held"),
    _matter(
        _STEP,
        "petition",
        "remind",
        "held",
        **_SENT,
        open_to=frozenset({"triage", "head", "supervisor"}),
        yes=(204, 302),
    ),
    _late("transfer", "filing"),
    _matter(_STEP, "petition", "reissue_code", "filing", open_to=OFFICE - {"supervisor"}),
    _matter(_STEP, "petition", "instruct", "petition", open_to=frozenset({"leader"})),
    _matter(_STEP, "petition", "instruct", "petition", **_SENT, open_to=frozenset({"leader"}), yes=(422,)),
    _matter(_STEP, "petition", "supervise", "petition", **_SENT, open_to=frozenset({"supervisor", "head"}), yes=(422,)),
    _matter(
        _STEP, "petition", "answer_instruction", "instruction", open_to=BUREAU - {"unit_leader"} | {"triage", "head"}
    ),
    _matter(_STEP, "petition", "answer_supervision", "supervision", open_to=BUREAU - {"unit_leader"}),
    _late("end_supervision", "supervision"),
    _matter(_STEP, "petition", "no_such_step", "run", open_to=frozenset(), no=UNSEEN),
    _matter(_STEP, "petition", "interview", "unknown", open_to=frozenset(), no=UNSEEN),
    _matter(_STEP, "petition", "lapse", "run", **_SENT, open_to=frozenset(), no=UNSEEN, note="automatic work alone"),
)
# The petitioner's pages know no staff: whoever opens them is asked for the code, and no staff session rates.
_PETITIONER = (
    Door("public:query", nobody=(200,)),
    _form("public:query", nobody=(422,)),
    Door("public:status", yes=(302,)),
    Door("public:paper", ("public_paper",), yes=(302,)),
    Door("public:apply", open_to=frozenset(), nobody=(302,)),
    _form("public:apply", open_to=frozenset(), nobody=(302,)),
    _form("public:rate", open_to=frozenset(), nobody=(302,)),
    _form("public:leave", yes=(302,), nobody=(302,)),
)

# Whose powers may be lent: neither the counter's nor those of who watches the others.
LENDS = STAFF - REGISTRARS - AUDIT - {"system_admin", "security_admin"}
SYSTEM, SECURITY = frozenset({"system_admin"}), frozenset({"security_admin"})


def _room(name: str, keeper: frozenset[str], *args: str, sent: bool = False) -> tuple[Door, ...]:
    """A page of an administrators' room; ``sent``: it takes a form too, here an empty one."""
    page = Door(f"petitions:{name}", args, open_to=keeper)
    return (page, _form(f"petitions:{name}", *args, open_to=keeper)) if sent else (page,)


_ADMINISTRATORS = (
    Door("petitions:manage", open_to=SYSTEM | SECURITY),
    *_room("manage_departments", SYSTEM),
    *_room("manage_add_body", SYSTEM, sent=True),
    *_room("manage_body", SYSTEM, "body"),
    *_room("manage_body_rename", SYSTEM, "body", sent=True),
    *_room("manage_body_reach", SYSTEM, "body"),
    _form(
        "petitions:manage_body_reach", "body", open_to=SYSTEM, yes=(302,), note="a body need not be reached by phone"
    ),
    *_room("manage_body_move", SYSTEM, "body", sent=True),
    *_room("manage_body_close", SYSTEM, "body", sent=True),
    *_room("manage_body_split", SYSTEM, "body", sent=True),
    *_room("manage_people", SYSTEM),
    *_room("manage_add_person", SYSTEM, sent=True),
    *_room("manage_people_sheet", SYSTEM, sent=True),
    *_room("manage_people_template", SYSTEM),
    *_room("manage_person", SYSTEM, "user"),
    *_room("manage_person_edit", SYSTEM, "user", sent=True),
    *_room("manage_person_leave", SYSTEM, "user", sent=True),
    *_room("manage_person_back", SYSTEM, "user", sent=True),
    *_room("manage_posts", SECURITY),
    *_room("manage_posts_sheet", SECURITY, sent=True),
    *_room("manage_posts_template", SECURITY),
    *_room("manage_holder", SECURITY, "user"),
    *_room("manage_give_post", SECURITY, "user", sent=True),
    *_room("manage_end_post", SECURITY, "post", sent=True),
    *_room("manage_charge", SECURITY, "leaders_post"),
    _form(
        "petitions:manage_charge", "leaders_post", open_to=SECURITY, yes=(302,), note="a leader in charge of nothing"
    ),
    *_room("manage_signins", SECURITY),
    *_room("manage_issue_password", SECURITY, "user", sent=True),
    *_room("manage_unlock", SECURITY, "user", sent=True),
    *_room("manage_delegations", SECURITY),
    Door("petitions:manage_lend", open_to=SECURITY, yes=(422,), note="nobody was chosen"),
    _form("petitions:manage_lend", open_to=SECURITY),
    *_room("manage_take_back", SECURITY, "delegation", sent=True),
    Door("petitions:lend_own", open_to=LENDS),
    _form("petitions:lend_own", open_to=LENDS),
    Door("petitions:take_back_own", ("delegation",), open_to=frozenset({"unit_head", "security_admin"})),
    _form("petitions:take_back_own", "delegation", open_to=frozenset({"unit_head", "security_admin"})),
    *_room("manage_tokens", SECURITY),
    *_room("manage_add_token", SECURITY, sent=True),
    *_room("manage_revoke_token", SECURITY, "token", sent=True),
    *_room("manage_webhooks", SECURITY),
    *_room("manage_add_webhook", SECURITY, sent=True),
    *_room("manage_webhook", SECURITY, "webhook", sent=True),
    *_room("manage_webhook_secret", SECURITY, "webhook", sent=True),
    _form("petitions:manage_webhook_test", "webhook", open_to=SECURITY, yes=(302,)),
    *_room("manage_webhook_failures", SECURITY),
    _form("petitions:manage_push_again", open_to=SECURITY, yes=(302,)),
    *_room("manage_regions", SYSTEM),
    *_room("manage_region", SYSTEM, "330726101000"),
    *_room("manage_region_add", SYSTEM, "330726101000", sent=True),
    *_room("manage_region_rename", SYSTEM, "330726101000", sent=True),
    *_room("manage_region_use", SYSTEM, "330726101000", sent=True),
    *_room("manage_categories", SYSTEM),
    *_room("manage_add_category", SYSTEM, sent=True),
    *_room("manage_category", SYSTEM, "T0202", sent=True),
    *_room("manage_category_use", SYSTEM, "T0202", sent=True),
    *_room("manage_routing", SYSTEM),
    *_room("manage_set_route", SYSTEM, sent=True),
    *_room("manage_drop_route", SYSTEM, "route", sent=True),
    *_room("manage_review_bodies", SYSTEM),
    *_room("manage_put_review_body", SYSTEM, sent=True),
    *_room("manage_drop_review_body", SYSTEM, "review_body", sent=True),
    *_room("manage_templates", SYSTEM),
    Door("petitions:manage_template", ("opinion",), open_to=SYSTEM),
    _form("petitions:manage_template", "opinion", open_to=SYSTEM, yes=(302,), note="empty words: as it was"),
    _form("petitions:manage_template_look", "opinion", open_to=SYSTEM, yes=(200,)),
    _form("petitions:manage_template_upload", "opinion", open_to=SYSTEM),
    *_room("manage_template_version", SYSTEM, "opinion", "0", sent=True),
    *_room("manage_template_sample", SYSTEM, "opinion", "0"),
    *_room("manage_template_word", SYSTEM, "opinion", "0"),
    *_room("manage_template_file", SYSTEM, "opinion", "0"),
    _form("petitions:manage_template_call_off", "opinion", "template_use", open_to=SYSTEM, yes=(302,)),
    *_room("manage_notices", SYSTEM),
    *_room("manage_notice", SYSTEM, "transfer", "lead-signer", sent=True),
    _form("petitions:manage_send_again", open_to=SYSTEM, yes=(302,)),
    *_room("manage_first_day", SYSTEM),
    *_room("manage_calendar", SYSTEM),
    *_room("manage_year", SYSTEM, "2027", sent=True),
    *_room("manage_local_rules", SYSTEM),
    *_room("manage_add_rule", SYSTEM, sent=True),
    *_room("manage_end_rule", SYSTEM, "local_rule", sent=True),
)

_OWN, _NOT_MINE = frozenset({"registrar"}), (403, 404)
# Lists that come in, and long work: everybody's own alone.
_LONG_WORK = (
    Door("petitions:import", open_to=MAY_REGISTER),
    _form("petitions:import", open_to=MAY_REGISTER),
    Door("petitions:import_plan", ("job",), open_to=_OWN, no=_NOT_MINE),
    _form("petitions:import_plan", "job", open_to=_OWN, no=_NOT_MINE),
    Door("petitions:job", ("job",), open_to=_OWN, no=UNSEEN),
    Door("petitions:export_file", ("job",), open_to=frozenset(), no=UNSEEN, note="other work has no such file"),
    Door("petitions:job_papers", ("job",), open_to=frozenset(), no=UNSEEN, note="that work issues no papers"),
    _form("petitions:cancel_job", "job", open_to=_OWN, yes=(302,), no=UNSEEN),
    _form("petitions:run_job_again", "job", open_to=_OWN, yes=(302,), no=UNSEEN),
    Door("petitions:job_problems", ("job",), open_to=_OWN, no=UNSEEN),
    Door("petitions:job_result", ("job",), open_to=frozenset(), no=UNSEEN, note="that work makes no file"),
)

# The archive is kept at the counter and by the office; a register that is not there is not there.
KEEPERS = COUNTER | {"triage", "head"}
_NO_REGISTER = "0" * 16
_ARCHIVE = (
    Door("petitions:archive", open_to=KEEPERS),
    _form("petitions:propose_destruction", open_to=KEEPERS),
    Door("petitions:destruction", (_NO_REGISTER,), open_to=KEEPERS, yes=UNSEEN),
    _form("petitions:destruction", _NO_REGISTER, open_to=KEEPERS, yes=UNSEEN),
    _matter("petitions:file_list", "petition"),
    _matter("petitions:filing_sheet", "filing"),
    *_room("manage_retention", SYSTEM),
    *_room("manage_retention_add", SYSTEM, sent=True),
    Door("petitions:manage_retention_end", ("999999",), open_to=SYSTEM, yes=UNSEEN),
    _form("petitions:manage_retention_end", "999999", open_to=SYSTEM, yes=UNSEEN),
)

_TAKES_OVER = frozenset({"triage", "head"})
_TAKE_OVER = (
    Door("petitions:take_over", open_to=_TAKES_OVER),
    _form("petitions:take_over", open_to=_TAKES_OVER),
    Door("petitions:exchange", open_to=_TAKES_OVER),
    _form("petitions:exchange", open_to=_TAKES_OVER),
    Door("petitions:take_over_template", open_to=_TAKES_OVER),
    _form(
        "petitions:take_over_list",
        "job",
        open_to=frozenset(),
        no=_NOT_MINE,
        note="a list of the registrar's is nobody else's",
    ),
)

# What stands in the hall: two pages for everybody; the device's pages lead whoever is no device to its opening page, and
# turn staff away; the queue belongs to the counter.
_DEVICE: Mapping[str, object] = {"open_to": frozenset(), "nobody": (302,)}
_HALL = (
    Door("petitions:hall", nobody=(200,)),
    Door("petitions:hall_screen", nobody=(200,)),
    _form("petitions:hall_window", open_to=MAY_REGISTER),
    _form("petitions:hall_ticket", open_to=MAY_REGISTER, yes=(302,)),
    _form("petitions:hall_call", open_to=MAY_REGISTER, note="at no window yet"),
    *[Door(f"petitions:{name}", **_DEVICE) for name in ("kiosk", "kiosk_code", "kiosk_rate")],  # type: ignore[arg-type]
    *[_form(f"petitions:{name}", **_DEVICE) for name in ("kiosk_ticket", "kiosk_code", "kiosk_rate")],
    Door("petitions:kiosk_open", open_to=frozenset(), nobody=(200,)),
    _form("petitions:kiosk_open", open_to=frozenset(), nobody=(422,)),
    *_room("manage_hall", SYSTEM),
    *_room("manage_add_board_entry", SYSTEM, sent=True),
    *_room("manage_board_entry", SYSTEM, "board_entry", sent=True),
    *_room("manage_end_board_entry", SYSTEM, "board_entry", sent=True),
    *_room("manage_add_device", SYSTEM, sent=True),
    *_room("manage_end_device", SYSTEM, "device", sent=True),
)

# Warnings of problems: the petition office's posts, leaders and heads of bodies; judged by the office's head and supervisors.
_READS_PATTERNS = frozenset(
    {"triage", "head", "supervisor", "conference", "leader", "other_leader", "unit_leader", "unit_head", "sibling_head"}
)
_JUDGES = frozenset({"head", "supervisor"})
_REPORTS = frozenset({"triage", "head", "supervisor", "conference"})
_ONE: Mapping[str, object] = {"blind": (403, 404)}
_PATTERNS = (
    Door("petitions:patterns", open_to=_READS_PATTERNS),
    Door("petitions:pattern", ("pattern",), open_to=_READS_PATTERNS & SEES, **_ONE),  # type: ignore[arg-type]
    _form("petitions:pattern_look", "pattern", open_to=_JUDGES, yes=(302,), **_ONE),
    _form("petitions:pattern_aside", "pattern", open_to=_JUDGES, **_ONE),
    _form("petitions:pattern_again", "pattern", open_to=_JUDGES, yes=(409,), note="it was not set aside", **_ONE),
    Door("petitions:ledgers", note="the shipped views of the ledgers that the post has"),
    Door("petitions:ledger", ("supervisions",), open_to=STAFF - REGISTRARS - NO_PROGRAM, no=UNSEEN),
    Door("petitions:ledger", ("sponsorships",), open_to=STAFF - AUDIT - {"system_admin", "security_admin"}, no=UNSEEN),
    Door("petitions:ledger", ("no-such",), open_to=frozenset(), no=UNSEEN),
    Door("petitions:reports", open_to=_REPORTS),
    _form("petitions:begin_report", open_to=_REPORTS - {"conference"}),
    Door("petitions:report", ("circular",), open_to=_REPORTS),
    _form(
        "petitions:change_report",
        "circular",
        open_to=_REPORTS - {"conference"},
        yes=(302,),
        note="every paragraph as drafted",
    ),
    _form("petitions:issue_report", "circular", open_to=frozenset({"head"}), yes=(302,)),
    Door("petitions:report_file", ("circular",), open_to=_REPORTS),
    Door("petitions:pattern_suggest", ("pattern",), open_to=_JUDGES, **_ONE),  # type: ignore[arg-type]
    _form("petitions:pattern_suggest", "pattern", open_to=_JUDGES, **_ONE),
)
# The sealed room (tests/petitions/accusations.py names who is on the list): for everybody else it is not there.
RECIPIENTS, LIST_KEEPERS = frozenset({"registrar2", "conference"}), frozenset({"head", "security_admin"})
SEALED_AUDITOR = frozenset({"rereviewer2"})


def _guarded(
    name: str,
    *args: str,
    sent: tuple[int, ...] = (),
    to: frozenset[str] = RECIPIENTS,
    page: bool = True,
    **more: object,
) -> tuple[Door, ...]:
    """A page of the sealed room, and its form sent empty where it takes one."""
    given: dict[str, object] = {"open_to": to, "no": UNSEEN, **more}
    pages = (Door(f"petitions:{name}", args, **given),) if page else ()  # type: ignore[arg-type]
    return (*pages, _form(f"petitions:{name}", *args, **given, yes=sent)) if sent else pages


_GUARDED = (
    *_guarded("guarded"),
    *_guarded("guarded_new", sent=(422,)),
    *_guarded("guarded_case", "accusation"),
    *_guarded("guarded_slip", "accusation"),
    *_guarded("guarded_step", "accusation", "result", sent=(422,)),
    *_guarded("guarded_step", "accusation", "examine", yes=(409,)),
    *_guarded("guarded_step", "accusation", "no_such_step", to=frozenset()),
    *_guarded("guarded_paper", "accusation_paper"),
    *_guarded("guarded_paper_docx", "accusation_paper"),
    *_guarded("guarded_file", "accusation_file"),
    *_guarded("guarded_search", sent=(422,)),
    *_guarded("guarded_year", sent=(422,)),
    *_guarded("guarded_export", sent=(422,)),
    *_guarded("guarded_export_file", "accusation_export", to=frozenset({"registrar2"})),
    *_guarded(
        "guarded_export_file", "accusation_export", to=frozenset({"registrar2"}), sent=(409,), page=False, note="not made yet"
    ),
    *_guarded("guarded_readings", to=SEALED_AUDITOR),
    *_guarded("guarded_people", to=RECIPIENTS | LIST_KEEPERS | SEALED_AUDITOR),
    *_guarded("guarded_propose", to=RECIPIENTS | LIST_KEEPERS | SEALED_AUDITOR, sent=(422,)),
    *_guarded(
        "guarded_decide", "list_change", to=RECIPIENTS | LIST_KEEPERS | SEALED_AUDITOR, sent=(302,), page=False,
        note="neither button was pressed: it is said, and nothing changes",
    ),
    Door("petitions:hand_in", ("draft",), open_to=frozenset({"registrar"}), no=(403, 404)),
    _form("petitions:hand_in", "draft", open_to=frozenset({"registrar"}), no=(403, 404), note="a draft that says nothing"),
)  # fmt: skip

# Whoever answers for a body's matters reads its figures; a window, administrators and auditors do not.
_READS = STAFF - AUDIT - REGISTRARS - {"system_admin", "security_admin"}
_FIGURES = (
    Door("petitions:figures", open_to=_READS),
    Door("petitions:figure_list", query="?of=matters", open_to=_READS),
    Door("petitions:figure_sheet", open_to=_READS),
    Door("petitions:figure_about"),
    _form("petitions:figure_day", note="no day was named"),
    *_room("manage_figures", SYSTEM),
    *_room("manage_figures", SYSTEM, sent=True),
)

DOORS = (
    *_EVERYBODY,
    *_PATTERNS,
    *_TRAYS,
    *_COUNTER,
    *_MATTER,
    *_STEPS,
    *_PETITIONER,
    *_ADMINISTRATORS,
    *_LONG_WORK,
    *_TAKE_OVER,
    *_ARCHIVE,
    *_HALL,
    *_FIGURES,
    *_GUARDED,
)
# The refs that name a matter, or a part of one: to whoever does not see it, they are as if they did not exist.
REFS: Mapping[str, str] = {
    "petition": "petitions", "filing": "filings", "file": "attachments", "paper": "papers", "draft": "drafts",
    "draft_file": "attachments", "public_paper": "papers",
    "job": "jobs",
    "accusation": "reports", "accusation_paper": "papers", "accusation_file": "files", "accusation_export": "exports",
}  # fmt: skip

from tests.visits.doors import VISITS  # noqa: E402  (they are made of the names above)

DOORS = (*DOORS, *VISITS)
# --- programs: each knocks with a token, where the post may have one ------------------------------------------------


def _api(name: str, *args: str, **more: object) -> Door:
    """A door for programs."""
    given: dict[str, object] = {"program": True, "nobody": NOT_SIGNED_IN, "open_to": STAFF - NO_PROGRAM, **more}
    return Door(f"api:{name}", args, **given)  # type: ignore[arg-type]


_OF_MATTER: Mapping[str, object] = {"open_to": SEES, "blind": UNSEEN}
_PROGRAMS = (
    _api("list"),
    _api("case", "petition", **_OF_MATTER),
    _api("steps", "petition", **_OF_MATTER),
    _api("step", "petition", "interview", method="POST", open_to=frozenset({"handler"}), blind=UNSEEN, yes=(422,)),
    _api("step", "petition", "sign_for", method="POST", **_OF_MATTER, yes=(409,)),
    _api("step", "petition", "lapse", method="POST", open_to=frozenset(), no=UNSEEN),
    _api("files", "petition", **_OF_MATTER),
    _api("file", "file", **_OF_MATTER),
    _api("upload", method="POST", open_to=MAY_REGISTER, yes=(415,), note="knocked at with JSON"),
    _api("filings", open_to=MAY_REGISTER),
    _api("filings", method="POST", open_to=MAY_REGISTER, yes=(422,)),
    _api("nowhere", "no/such/", yes=UNSEEN),
    _api("nowhere", "no/such/", method="POST", yes=UNSEEN),
)

DOORS = (*DOORS, *_PROGRAMS)
