"""Which real messages are there?  Citizens' messages of the data folder beside the project, read and never kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

SOURCES = ("tdb2020c_replies", "tdb2020c_labelled", "liuyan_hangzhou", "tdb2020c_hot", "tdb2020c_unlabelled")


@dataclass(frozen=True)
class Message:
    """One message: its source, id, title, text, the authority's reply and the category label where known."""

    source: str
    id: str
    title: str
    text: str
    reply: str = ""
    label: str = ""


class NoMessages(RuntimeError):
    """The folder of messages is not there."""


def read(folder: Path, count: int) -> list[Message]:
    """Return ``count`` messages, one of each source in turn, so that every kind is among the first few.

    Raises:
        NoMessages: the folder or its files are absent.
    """
    files = [folder / f"{name}.jsonl.gz" for name in SOURCES]
    there = [path for path in files if path.exists()]
    if not there:
        raise NoMessages(f"no messages in {folder.name}/: there is nothing to walk through the office")
    turns = zip_longest(*(_rows(path) for path in there))
    every = (message for turn in turns for message in turn if message is not None)
    return list(islice(every, count))


def _rows(path: Path) -> Iterator[Message]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row.get("detail") or row.get("content") or row.get("text") or ""
            yield Message(
                path.name.split(".")[0], row["msg_id"], (row.get("title") or "").strip(), text.strip(),
                (row.get("reply") or "").strip(), row.get("label") or "",
            )  # fmt: skip
