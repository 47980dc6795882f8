"""How much of what is near is found, and how long does it take?  Near copies of real messages, planted in a measuring database only.

``python -m bench.near plant FOLDER`` registers them once beside a filled database; ``python -m bench.near measure FOLDER`` asks for
them by the messages as they were, two thirds typed and whole, and prints what came of it as JSON.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from bench.targets import office_id, post_of, ready

MESSAGES = 300
SHORTEST = 60  # characters of a message that is copied
LONGEST = 2_000  # as the panel cuts it
SHARES: Mapping[str, tuple[int, int]] = {"two thirds": (2, 3), "whole": (1, 1)}
OPENING = "你好，我想反映一件事情，已经拖了很久没有人管。"
_OTHERS = "的一是了我不在人有这上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开"
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；\n]?")

Copy = Callable[[Random, str], str]


def slips(random: Random, text: str) -> str:
    """The text typed anew: one character in twelve is another one, or is left out; numbers are others."""
    typed = (random.choice(["", random.choice(_OTHERS)]) if random.random() < 1 / 12 else char for char in text)
    return re.sub(r"\d", lambda _: str(random.randrange(10)), "".join(typed))


def retold(random: Random, text: str) -> str:
    """The same sentences in another order, a quarter of them left out, with another beginning."""
    parts = sentences(text)
    kept = random.sample(parts, max(1, len(parts) * 3 // 4))
    return OPENING + "".join(kept)


def half(random: Random, text: str) -> str:
    """Half of the text alone, with slips."""
    middle = len(text) // 2
    return OPENING + slips(random, text[:middle] if random.random() < 0.5 else text[middle:])


COPIES: Mapping[str, Copy] = {"slips": slips, "retold": retold, "half": half}


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its mark."""
    return [part for part in _SENTENCE.findall(text) if part.strip()]


def copies(texts: Sequence[str]) -> list[tuple[str, str]]:
    """A near copy of each text, with its kind: the kinds by turns, the same each time."""
    random, kinds = Random(1), list(COPIES)  # noqa: S311
    return [(kind := kinds[number % len(kinds)], COPIES[kind](random, text)) for number, text in enumerate(texts)]


def texts_of(folder: Path) -> list[str]:
    """The messages that are copied and asked for.

    Raises:
        NoMessages: the folder is not there.
    """
    from petitions.walk.messages import read

    found = [one.text[:LONGEST] for one in read(folder, MESSAGES * 3) if len(one.text) >= SHORTEST]
    return list(dict.fromkeys(found))[:MESSAGES]


def plant(texts: Sequence[str], by: Any) -> list[tuple[str, str]]:
    """Register a near copy of each text at ``by``'s counter; return its kind and the ref of its matter."""
    from petitions.actions import Entry, Person
    from petitions.actions.register import register_many

    made = copies(texts)
    entries = [Entry(title=copy[:20], content=copy, people=[Person(name="匿名")]) for _, copy in made]
    refs: list[str] = []
    for first in range(0, len(entries), 50):
        refs += [one.petition.ref for one in register_many(entries[first : first + 50], by=by)]
    return [(kind, ref) for (kind, _), ref in zip(made, refs, strict=True)]


def measure(texts: Sequence[str], planted: Sequence[tuple[str, str]], by: Any) -> list[dict[str, Any]]:
    """Ask for each planted copy by the message it was made of; one row for each kind and share typed."""
    rows = []
    for share, (part, whole) in SHARES.items():
        asked = [
            _asked(text[: len(text) * part // whole], ref, by) for text, (_, ref) in zip(texts, planted, strict=True)
        ]
        for kind in COPIES:
            mine = [one for one, (its, _) in zip(asked, planted, strict=True) if its == kind]
            rows.append({"copy": kind, "typed": share, **said(mine)})
        rows.append({"copy": "all", "typed": share, **said(asked)})
    return rows


Answer = tuple[float, bool, bool, int]


def _asked(text: str, ref: str, by: Any) -> Answer:
    """Milliseconds, whether ``ref`` was offered, whether it was given up, how many others were offered."""
    from petitions.near_texts import Told, near

    began = time.perf_counter()
    answer = near(by, Told(text))
    taken = (time.perf_counter() - began) * 1000
    offered = {one.petition.ref for one in answer.found}
    return taken, ref in offered, answer.too_slow, len(offered - {ref})


def said(answers: Iterable[Answer]) -> dict[str, Any]:
    """Recall and times of some answers."""
    taken, found, slow, others = zip(*answers, strict=True)
    return {
        "asked": len(taken), "found": sum(found), "recall": round(sum(found) / len(taken), 3), "too_slow": sum(slow),
        "others": round(sum(others) / len(taken), 2), "p50_ms": round(median(taken), 1),
        "p95_ms": round(quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0], 1), "slowest_ms": round(max(taken), 1),
    }  # fmt: skip


def kept() -> Path:
    """Where it is written which copies have been planted: beside the database, never in the repository."""
    return Path(os.environ["OFFICE_VAR"]) / "near.json"


def _main(what: str, folder: Path) -> Any:
    from accounts.actor import Actor

    post = post_of(office_id(), "registrar")
    by, texts = Actor(user=post.user, post=post), texts_of(folder)
    if not kept().exists():
        from petitions import rarity

        kept().write_text(json.dumps(plant(texts, by)))
        rarity.count()
    planted = [(kind, ref) for kind, ref in json.loads(kept().read_text())]
    if what == "plant":
        return {"planted": len(planted)}
    return {"load": [round(part, 2) for part in os.getloadavg()], "rows": measure(texts, planted, by)}


if __name__ == "__main__":
    ready()
    json.dump(_main(sys.argv[1], Path(sys.argv[2])), sys.stdout, ensure_ascii=False, indent=1)
