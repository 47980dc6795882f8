"""Where is the matter I mean?  By number, ID, phone, name, initials or words; always within scope, at a bounded price.

A rare word is found by the index of bigrams, a common one by walking the newest matters until a page is full; which is
cheaper is asked of PostgreSQL's statistics for each search (house.md §5).  A walk that has gone far without filling a
page stops and says how far it came; the next page goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from accounts import access_log
from accounts.actor import Actor
from accounts.models import AccessKind
from accounts.privacy import blind
from petitions import access
from petitions.keyset import Mark, Turn, pack, unpack  # noqa: F401  (unpack: beside WORDS_ORDER, for the page)
from petitions.models import Petition
from petitions.querysets import Road, Wanted, Where, along, mark_of, planned_rows, read, units_of
from petitions.search_sql import WORDS_OF_FILING, WORDS_OF_PETITION
from petitions.search_words import Query, QueryKind, classify, tsquery

PAGE = 25
WORDS_ORDER = "search:words"
WALK = 10_000  # matters looked at before a walk stops and says so: some 50 ms
FEW = 20_000  # candidates out of the index that are still worth looking through
PROBE = 3_000  # rows of one name that are looked through

LABELS = {
    "number": "编号相符", "filing": "信访件编号相符", "reference": "外部编号相符", "paper": "文书编号相符", "id": "证件号码相符", "phone": "电话相符",
    "name": "姓名相符", "named": "姓名以此开头", "initials": "拼音首字母相符", "words": "标题或内容中有这些字",
}  # fmt: skip


@dataclass
class Group:
    """The matters found for one reason; ``more``: there are others that are not shown."""

    why: str
    petitions: list[Petition]
    more: bool = False

    @property
    def label(self) -> str:
        """The reason in words."""
        return LABELS[self.why]


@dataclass
class SearchPage:
    """What a search found: groups by reason, the most certain first.

    ``after``: mark of the next page of words; ``walked_to``: how far back a walk came without filling the page.
    """

    query: Query
    groups: list[Group] = field(default_factory=list)
    after: str = ""
    walked_to: Mark | None = None

    @property
    def count(self) -> int:
        """How many matters are shown."""
        return len({petition.pk for group in self.groups for petition in group.petitions})

    @property
    def scanned(self) -> Petition | None:
        """The one matter that has just this number in another system, where nothing else is called so: a scanner means it."""
        certain = [group for group in self.groups if group.why != "words"]
        if len(certain) != 1 or certain[0].why != "reference" or len(certain[0].petitions) != 1:
            return None
        return certain[0].petitions[0]


# Whoever keeps away from a matter (回避) and is not to know the petitioner does not find it by the name.
_NOT_KEPT_FROM = """(p.recusals = 0 OR NOT EXISTS (SELECT FROM petitions_recusal k JOIN accounts_post o ON o.id = k.person_id
  WHERE k.petition_id = p.id AND o.user_id = %s AND k.state = 'granted' AND k.hides_name))"""


@dataclass(frozen=True)
class Scoped:
    """The scope of one search, resolved once: all, or some units in some roles; and whose names may be known."""

    units: tuple[int, ...] | None
    roles: tuple[str, ...]
    names: access.Names

    @property
    def seen(self) -> list[Where]:
        """The condition on ``p`` of being in scope; none for whoever sees everything."""
        return [] if self.units is None else [self.road.condition()]

    @property
    def named(self) -> list[Where]:
        """The condition on ``p`` of a name that may be known: for every search by person."""
        kept = [Where(_NOT_KEPT_FROM, (self.names.user,))] if self.names.user else []
        if self.names.all:
            return kept
        if self.names.office is None:
            return [*kept, Where("NOT p.hide_name")]
        return [*kept, Where("(NOT p.hide_name OR p.office_id = %s)", (self.names.office,))]

    @property
    def road(self) -> Road:
        """The units as a road along Reach."""
        return Road("petitions_reach", "department_id", self.units or (), "bigint", self.roles)


def search(actor: Actor, text: str, after: Mark | None = None) -> SearchPage:
    """Find matters within the actor's scope, and log that it was asked (kind and keyed hash, never the words).

    Args:
        text: as typed.
        after: mark of the last matter of the page before (of words).
    """
    query = classify(text)
    found = SearchPage(query)
    scope = access.scope_of(actor)
    if query.kind is not QueryKind.EMPTY and not scope.empty:
        units = units_of(scope)
        scoped = Scoped(None if units is None else tuple(units), scope.roles, access.names_of(actor))
        _look(found, scoped, after)
    _log(actor, query, found)
    return found


def _log(actor: Actor, query: Query, found: SearchPage) -> None:
    column = {QueryKind.ID: "id", QueryKind.PHONE: "phone"}.get(query.kind, "search")
    data = {"kind": str(query.kind), "hash": blind(query.value or query.text, column), "found": found.count}
    access_log.log(actor, AccessKind.SEARCH, data=data)


def _look(found: SearchPage, scoped: Scoped, after: Mark | None) -> None:
    """Ask everything that the text may mean, in one statement, and sort what came by its reason."""
    query = found.query
    words = Words.planned(query, scoped, after) if query.phrases else None
    asked = [] if after else [*_certain(query, scoped), *_persons(query, scoped)]
    hits = _read([*asked, *([("words", words.question())] if words else [])])
    if words and len(hits.get("words", [])) <= PAGE and not words.through_index:
        hits |= _further(found, words)
    found.groups = [Group(why, hits[why][:PAGE], len(hits[why]) > PAGE) for why in LABELS if hits.get(why)]
    if len(hits.get("words", [])) > PAGE:
        found.after = pack(mark_of(hits["words"][PAGE - 1]), WORDS_ORDER)


def _further(found: SearchPage, words: Words) -> dict[str, list[Petition]]:
    """A walk that did not fill its page: ask the index where that is cheap, else say how far the walk came."""
    end = words.end_of_walk()
    if end is None:
        return {}
    if words.index_is_cheap:
        return _read([("words", words.by_index())])
    found.walked_to, found.after = end, pack(end, WORDS_ORDER)
    return {}


def _read(parts: Sequence[tuple[str, Where]]) -> dict[str, list[Petition]]:
    """The petitions of several questions by their reason, newest first; a matter may come for several reasons."""
    if not parts:
        return {}
    sql = " UNION ALL ".join(f"(SELECT '{why}' AS why, id FROM ({part.sql}) {why}_found)" for why, part in parts)  # noqa: S608
    marks = f"SELECT id, array_agg(why) AS whys FROM ({sql}) every GROUP BY id"  # noqa: S608
    petitions = read(Where(marks, tuple(p for _, part in parts for p in part.params)), Where("m.whys"))
    hits: dict[str, list[Petition]] = {}
    for petition, whys in sorted(petitions, key=lambda pair: mark_of(pair[0]), reverse=True):
        for why in set(whys):
            hits.setdefault(why, []).append(petition)
    return hits


def _all(*conditions: Where) -> Where:
    """Conditions joined by AND; nothing to ask is true."""
    if not conditions:
        return Where("TRUE")
    return Where(" AND ".join(each.sql for each in conditions), tuple(p for each in conditions for p in each.params))


# --- by number -------------------------------------------------------------------------------------------------------

# A number typed without its office's prefix may be any office's.
_NUMBERS = """(SELECT %s::text AS number WHERE %s !~ '^[0-9]' UNION ALL
 SELECT coalesce(nullif(d.paper_prefix, ''), d.short_name) || %s FROM accounts_department d WHERE %s ~ '^[0-9]')"""


def _certain(query: Query, scoped: Scoped) -> list[tuple[str, Where]]:
    """What a number can be: a matter's or a filing's, whole or its beginning; a paper's; another system's."""
    others = [("reference", _by_reference(query.text, scoped))]
    if query.kind is not QueryKind.NUMBER:
        return others
    if "〔" in query.value:
        return [("paper", _by_paper(query.value, scoped)), *others]
    return [("number", _by_number(query.value, scoped)), ("filing", _by_filing(query.value, scoped)), *others]


def _by_number(value: str, scoped: Scoped) -> Where:
    """The matter of that number, or those whose number begins so (~>=~ uses the pattern index, whatever the locale)."""
    seen = _all(*scoped.seen)
    sql = f"""SELECT p.id FROM {_NUMBERS} n CROSS JOIN LATERAL (SELECT * FROM petitions_petition q
        WHERE q.number ~>=~ n.number AND q.number ~<~ (n.number || '~') ORDER BY q.number USING ~<~ LIMIT 51) p
        WHERE {seen.sql} LIMIT 51"""  # noqa: S608
    return Where(sql, (value,) * 4 + seen.params)


def _by_filing(value: str, scoped: Scoped) -> Where:
    """The matter of a filing's number."""
    seen = _all(*scoped.seen)
    sql = f"""SELECT p.id FROM {_NUMBERS} n JOIN petitions_filing f ON f.number = n.number
        JOIN petitions_petition p ON p.id = f.petition_id WHERE {seen.sql} LIMIT 51"""  # noqa: S608
    return Where(sql, (value,) * 4 + seen.params)


def _by_paper(value: str, scoped: Scoped) -> Where:
    """The matter of a paper's number."""
    seen = _all(*scoped.seen)
    sql = f"""SELECT p.id FROM petitions_paper a JOIN petitions_petition p ON p.id = a.petition_id
        WHERE a.number = %s AND {seen.sql} LIMIT 51"""  # noqa: S608
    return Where(sql, (value, *seen.params))


def _by_reference(text: str, scoped: Scoped) -> Where:
    """The matters of another system's number."""
    seen = _all(*scoped.seen)
    sql = f"""SELECT p.id FROM petitions_externalreference e JOIN petitions_filing f ON f.id = e.filing_id
        JOIN petitions_petition p ON p.id = f.petition_id WHERE e.number = %s AND {seen.sql} LIMIT 51"""  # noqa: S608
    return Where(sql, (text, *seen.params))


# --- by person -------------------------------------------------------------------------------------------------------


def _persons(query: Query, scoped: Scoped) -> list[tuple[str, Where]]:
    """Matters of a person; never those whose petitioner's name the actor may not know."""
    value = query.value
    if query.kind is QueryKind.ID:
        return [("id", _of_petitioner(Where("t.id_hash = %s AND t.id_hash <> ''", (blind(value, "id"),)), scoped))]
    if query.kind is QueryKind.PHONE:
        hashed = blind(value, "phone")
        return [("phone", _of_petitioner(Where("t.phone_hash = %s AND t.phone_hash <> ''", (hashed,)), scoped))]
    if query.kind is QueryKind.NAME:
        longer = Where("t.name ~>~ %s AND t.name ~<~ %s", (value, f"{value}\U0010ffff"))
        return [
            ("name", _of_petitioner(Where("t.name = %s", (value,)), scoped)),
            ("named", _of_petitioner(longer, scoped, newest=False)),
        ]
    if query.kind is QueryKind.INITIALS:
        return [("initials", _of_petitioner(Where("t.name_initials = %s", (value,)), scoped))]
    return []


def _of_petitioner(who: Where, scoped: Scoped, *, newest: bool = True) -> Where:
    """Matters of petitioners ``who``, the newest registered first; of a very common name only so many are looked through."""
    fits = _all(*scoped.seen, *scoped.named)
    order = "ORDER BY t.petition_id DESC" if newest else ""
    sql = f"""SELECT p.id FROM (SELECT t.petition_id FROM petitions_petitioner t WHERE {who.sql} {order} LIMIT {PROBE}) t
        CROSS JOIN LATERAL (SELECT * FROM petitions_petition q WHERE q.id = t.petition_id OFFSET 0) p
        WHERE {fits.sql} LIMIT {PAGE + 1}"""  # noqa: S608
    return Where(sql, who.params + fits.params)


# --- by words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """How some words are looked for: through the index, or by a walk of at most ``steps`` matters.

    ``candidates``: how many matters the index would name, at most (the rarest term's) and by the terms' product.
    """

    query: Query
    scoped: Scoped
    after: Mark | None
    through_index: bool
    steps: int
    candidates: tuple[float, float]
    walkable: float

    @classmethod
    def planned(cls, query: Query, scoped: Scoped, after: Mark | None) -> Words:
        """Choose the cheaper way by the planner's statistics: one EXPLAIN."""
        vector = WORDS_OF_PETITION.format("")
        ask = f"SELECT FROM petitions_petition WHERE {vector} @@ %s::tsquery"
        questions = [Where("SELECT FROM petitions_petition")]
        questions += [Where(ask, (tsquery((term,)),)) for term in query.terms[:8]]
        questions += [Where(ask, (tsquery(query.terms),))] if query.terms else []
        questions += [scoped.road.estimate()] if scoped.units is not None else []
        rows = planned_rows(questions)
        total, walkable = max(rows[0], 1.0), rows[-1] if scoped.units is not None else rows[0]
        if not query.terms:
            return cls(query, scoped, after, False, WALK, (total, total), walkable)
        terms = rows[1 : 1 + len(query.terms[:8])]
        rarest, product = max(min(terms), 1.0), rows[1 + len(terms)]
        steps = (PAGE + 1) * total / rarest
        through_index = rarest <= min(steps, walkable, FEW)
        bound = int(min(WALK, max(1000.0, 4 * steps)))
        return cls(query, scoped, after, through_index, bound, (rarest, product), walkable)

    @property
    def index_is_cheap(self) -> bool:
        """Whether the index may be asked after all: terms stand together more often than their product says."""
        return bool(self.query.terms) and min(self.candidates[0], 5 * self.candidates[1]) <= FEW

    def question(self) -> Where:
        """The matters, as planned."""
        return self.by_index() if self.through_index else self.by_walk()

    def by_index(self) -> Where:
        """Every candidate of the index is checked, and the newest are taken.  Fenced: nothing tempts the planner to walk."""
        asked = tsquery(self.query.terms)
        more = _all(*self.scoped.seen, *self._behind("p"))
        own, repeat = self._said("p.title", "p.content"), self._said("f.content")
        sql = f"""WITH c AS MATERIALIZED (
            SELECT p.received_on, p.id FROM petitions_petition p
             WHERE {WORDS_OF_PETITION.format("p.")} @@ %s::tsquery AND {own.sql} AND {more.sql}
            UNION SELECT p.received_on, p.id FROM petitions_filing f JOIN petitions_petition p ON p.id = f.petition_id
             WHERE f.content <> '' AND {WORDS_OF_FILING.format("f.")} @@ %s::tsquery AND {repeat.sql} AND {more.sql})
            SELECT id FROM c ORDER BY received_on DESC, id DESC LIMIT {PAGE + 1}"""  # noqa: S608
        return Where(sql, (asked, *own.params, *more.params, asked, *repeat.params, *more.params))

    def by_walk(self) -> Where:
        """The newest ``steps`` matters in scope, until a page of them has the words."""
        way = self._way(self.steps)
        own, repeat = self._said("p.title", "p.content"), self._said("f.content")
        sql = f"""SELECT p.id FROM ({way.sql}) w
            CROSS JOIN LATERAL (SELECT q.id, q.title, q.content FROM petitions_petition q WHERE q.id = w.id OFFSET 0) p
            WHERE (({own.sql}) OR EXISTS (SELECT FROM petitions_filing f WHERE f.petition_id = p.id AND f.content <> ''
                AND {repeat.sql} OFFSET 0)) LIMIT {PAGE + 1}"""  # noqa: S608
        return Where(sql, (*way.params, *own.params, *repeat.params))

    def end_of_walk(self) -> Mark | None:
        """Where a full walk of ``steps`` ended, ``None`` where there was nothing left to walk."""
        if self.walkable < self.steps / 2:
            return None
        way = self._way(self.steps)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT received_on, id FROM ({way.sql}) w OFFSET %s", [*way.params, self.steps - 1])  # noqa: S608
            row = cursor.fetchone()
        return Mark(*row) if row else None

    def _way(self, steps: int) -> Where:
        road = None if self.scoped.units is None else self.scoped.road
        return along(road, Wanted(), [], Turn(after=self.after), steps)

    def _behind(self, alias: str) -> list[Where]:
        if self.after is None:
            return []
        return [Where(f"({alias}.received_on, {alias}.id) < (%s, %s)", (self.after.day, self.after.pk))]

    def _said(self, *columns: str) -> Where:
        """Every phrase stands in one of ``columns``; only Latin letters need folding, which is dear."""
        return _all(*(_stands(phrase, columns) for phrase in self.query.phrases))


def _stands(phrase: str, columns: tuple[str, ...]) -> Where:
    if phrase.upper() == phrase.lower():
        return Where(f"({' OR '.join(f'strpos({column}, %s) > 0' for column in columns)})", (phrase,) * len(columns))
    pattern = phrase.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return Where(f"({' OR '.join(f'{column} ILIKE %s' for column in columns)})", (f"%{pattern}%",) * len(columns))
