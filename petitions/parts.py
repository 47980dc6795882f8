"""What may the template of a paper name, and what must it?  The shipped template says so itself, place by place.

Each place of a shipped template is a tag with a name (``templatetags/paper_parts.py``).  Rendered for a paper, a place gives its
words, and a gathering notes them under the name; rendered blank, it gives its name in 【】, and the gathering notes which
places there are.  So no list of fields stands beside the templates and grows old.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """One place.

    Attributes:
        whole: it stands for paragraphs of its own.
        must: what the law wants told, or somebody typed to be told, stands in it: no template does without.
    """

    name: str
    whole: bool = False
    must: bool = False


@dataclass
class Gathering:
    """What was met while a shipped template was rendered; ``blank``: names instead of words."""

    blank: bool = False
    parts: dict[str, Part] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def met(self, part: Part) -> str:
        """Note a place of a blank template and return what stands there."""
        known = self.parts.get(part.name)
        self.parts[part.name] = Part(part.name, part.whole, part.must or bool(known and known.must))
        return f"<p>【{part.name}】</p>" if part.whole else f"【{part.name}】"
