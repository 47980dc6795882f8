"""How does a shipped paper template name its places?  (See :mod:`petitions.parts`.)

``{% fill "编号" petition.number must %}`` is a value; ``{% phrase "期限" must %}…{% endphrase %}`` words with conditions inside a
sentence; ``{% part "救济途径" must %}…{% endpart %}`` whole paragraphs.  ``must``: no template of an office's own does without.
"""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, render_value_in_context
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from petitions.parts import Gathering, Part

register = template.Library()


class PlaceNode(template.Node):
    """A place with its name: what is inside it, or a value."""

    def __init__(self, part: Part, *, inside: NodeList | None = None, value: FilterExpression | None = None) -> None:
        self.part, self.value = part, value
        self.nodelist = inside or NodeList()

    def render(self, context: Context) -> SafeString:
        """Its words; its name where the template is rendered blank."""
        gathering: Gathering | None = context.get("gathering")
        if gathering is not None and gathering.blank:
            return mark_safe(gathering.met(self.part))  # noqa: S308 - a name out of our own template
        words = self._words(context)
        if gathering is not None:
            gathering.values[self.part.name] = words
        return words

    def _words(self, context: Context) -> SafeString:
        if self.value is None:
            return self.nodelist.render(context)
        words = render_value_in_context(self.value.resolve(context), context)
        return mark_safe(words)  # noqa: S308 - escaped by the line above


@register.tag
def fill(parser: Parser, token: Token) -> PlaceNode:
    """``{% fill "name" value [must] %}``."""
    _, name, value, *rest = token.split_contents()
    return PlaceNode(_part(name, rest, whole=False), value=parser.compile_filter(value))


@register.tag
def phrase(parser: Parser, token: Token) -> PlaceNode:
    """``{% phrase "name" [must] %}…{% endphrase %}``."""
    return _enclosing(parser, token, whole=False)


@register.tag
def part(parser: Parser, token: Token) -> PlaceNode:
    """``{% part "name" [must] %}…{% endpart %}``."""
    return _enclosing(parser, token, whole=True)


def _enclosing(parser: Parser, token: Token, *, whole: bool) -> PlaceNode:
    tag, name, *rest = token.split_contents()
    inside = parser.parse((f"end{tag}",))
    parser.delete_first_token()
    return PlaceNode(_part(name, rest, whole=whole), inside=inside)


def _part(name: str, rest: list[str], *, whole: bool) -> Part:
    if rest not in ([], ["must"]):
        raise template.TemplateSyntaxError(f"a place takes its name and “must”, not {rest}")
    return Part(name.strip('"'), whole, bool(rest))
