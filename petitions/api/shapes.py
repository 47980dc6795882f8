"""In which shapes does the API answer?  What is written here is what goes out, and what openapi.yaml says."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from petitions import lifecycle
from petitions.models import Outcome

Shape = s.Serializer[dict[str, Any]]
_NOT_TOLD = "null where the reader may not know the name."


class Named(Shape):
    """A code and its words."""

    code = s.CharField()
    label = s.CharField(allow_blank=True)  # type: ignore[assignment]


class Line(Shape):
    """One matter of a list: never its content, never a number or an address of a person."""

    ref = s.SlugField(help_text="The matter's random name in addresses.")
    number = s.CharField()
    title = s.CharField()
    stage = s.ChoiceField(list(lifecycle.STAGES.items()))
    name = s.CharField(allow_null=True, help_text=f"The petitioner who leads; {_NOT_TOLD}")
    received_on = s.DateField()
    due = s.DateField(allow_null=True)
    days_left = s.IntegerField(allow_null=True, help_text="Calendar days to the due day; negative when overdue.")
    category = Named(allow_null=True)
    region = Named(allow_null=True)
    responsible = Named(allow_null=True, help_text="The unit in the lead.")
    head_count = s.IntegerField(min_value=0)
    joint = s.BooleanField()
    urgent = s.BooleanField()
    closed_on = s.DateField(allow_null=True)
    outcome = s.ChoiceField(Outcome.choices, allow_null=True)
    resolved = s.BooleanField(allow_null=True)


class Lines(Shape):
    """One page of a list, newest first."""

    count = s.IntegerField(allow_null=True, min_value=0, max_value=1000,
                           help_text="How many there are in all; counting stops at 1000; null on later pages without rows.")  # fmt: skip
    before = s.CharField(allow_blank=True, help_text="Mark of the page before; empty on the first.")
    after = s.CharField(allow_blank=True, help_text="Mark of the page after; empty on the last.")
    results = Line(many=True)


class Claim(Shape):
    """One request, and what the opinion says of it once it is issued."""

    serial = s.IntegerField()
    text = s.CharField()
    route = s.CharField(allow_blank=True)
    support = s.CharField(allow_blank=True)
    answer = s.CharField(allow_blank=True)


class Reference(Shape):
    """Another system's number."""

    system = s.CharField()
    number = s.CharField()


class Filing(Shape):
    """One letter, visit, call or item about the matter."""

    ref = s.SlugField()
    number = s.CharField()
    channel = s.CharField()
    received_on = s.DateField()
    recorded_at = s.DateTimeField()
    repeat = s.BooleanField()
    state = s.CharField()
    office = s.CharField()
    head_count = s.IntegerField()
    content = s.CharField(allow_blank=True, help_text="A repeat's own words.")
    references = Reference(many=True)


class Bit(Shape):
    """One fact of a person, masked."""

    label = s.CharField()  # type: ignore[assignment]
    value = s.CharField()


class Person(Shape):
    """Somebody who takes part; numbers and addresses are masked, and the API has no way to unmask them."""

    name = s.CharField()
    role = s.CharField(allow_blank=True)
    facts = Bit(many=True)


class Clock(Shape):
    """A running duty of an office, or a window of the petitioner, with the reasons for its day."""

    name = s.CharField()
    due = s.DateField()
    raw_due = s.DateField(help_text="Before it was rolled over days off.")
    days_left = s.IntegerField()
    level = s.ChoiceField(["ok", "soon", "overdue"])
    provisional = s.BooleanField(help_text="The year's holidays are not entered yet.")
    article = s.CharField()
    reasons = s.ListField(child=s.CharField())


class PastClock(Shape):
    """A clock that has ended."""

    name = s.CharField()
    start = s.DateField()
    due = s.DateField()
    ended_on = s.DateField(allow_null=True)
    late = s.BooleanField()


class Unit(Shape):
    """A unit that holds the matter."""

    ref = s.SlugField()
    department = s.CharField()
    mode = s.CharField()
    lead = s.BooleanField()
    state = s.CharField()
    handler = s.CharField(allow_blank=True)


class Paper(Shape):
    """A legal paper."""

    ref = s.SlugField()
    number = s.CharField()
    title = s.CharField()
    department = s.CharField()
    issued_on = s.DateField()
    served = s.CharField(allow_blank=True)


class File(Shape):
    """A file; its own name only for those who may know the petitioner's."""

    ref = s.SlugField()
    name = s.CharField()
    media_type = s.CharField()
    size = s.IntegerField()


class Files(Shape):
    """The files of a matter."""

    ref = s.SlugField()
    files = File(many=True)


class Uploaded(Shape):
    """A file that was kept with a draft."""

    draft = s.SlugField(help_text="Send it with the next file, and with the filing that takes them over.")
    file = File()


class Event(Shape):
    """What happened, when, by whom, in words."""

    seq = s.IntegerField()
    step = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    occurred_on = s.DateField()
    recorded_at = s.DateTimeField()
    who = s.CharField(allow_blank=True)
    post = s.CharField(allow_blank=True)
    note = s.CharField(allow_blank=True)
    article = s.CharField(allow_blank=True)
    papers = s.ListField(child=s.CharField())


class Matter(Line):
    """One matter read whole, as the reader's case page shows it."""

    state = s.CharField(help_text="Where it stands, in a word.")
    holder = s.CharField(help_text="Who has it now.")
    seen = s.IntegerField(help_text="Send this back with a step: who acts on what has changed since is told so (409).")
    content = s.CharField()
    place = s.CharField(allow_blank=True)
    merged_into = s.CharField(allow_null=True, help_text="The number of the matter it was merged into.")
    clocks = Clock(many=True)
    past_clocks = PastClock(many=True)
    people = Person(many=True)
    claims = Claim(many=True)
    filings = Filing(many=True)
    units = Unit(many=True)
    papers = Paper(many=True)
    files = File(many=True)
    events = Event(many=True)


class Option(Shape):
    """One of the values a field takes."""

    value = s.CharField()
    label = s.CharField()  # type: ignore[assignment]


class Field(Shape):
    """One field that a step wants."""

    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    hint = s.CharField(allow_blank=True)
    group = s.CharField(allow_blank=True)
    type = s.ChoiceField(["text", "choice", "date", "integer", "boolean"])
    required = s.BooleanField()  # type: ignore[assignment]
    value = s.JSONField(allow_null=True, help_text="What the form begins with; a field that has one must be sent.")
    max_length = s.IntegerField(allow_null=True)
    minimum = s.IntegerField(allow_null=True)
    maximum = s.IntegerField(allow_null=True)
    options = Option(many=True)


class Step(Shape):
    """A step that this person may take now."""

    step = s.CharField()
    label = s.CharField()  # type: ignore[assignment]
    article = s.CharField()
    hint = s.CharField(allow_blank=True)
    danger = s.BooleanField(help_text="It takes something away from the petitioner; ask twice.")
    on = s.ChoiceField([*sorted(lifecycle.STATES), "petition"])
    row = s.SlugField(help_text="The row it is taken on; send it where there are several.")
    row_name = s.CharField()
    fields = Field(many=True)  # type: ignore[assignment]


class Steps(Shape):
    """What may be done with a matter now."""

    ref = s.SlugField()
    seen = s.IntegerField()
    steps = Step(many=True)


class Taken(Shape):
    """A step that was taken."""

    ref = s.SlugField()
    step = s.CharField()
    number = s.CharField()
    stage = s.ChoiceField(list(lifecycle.STAGES.items()))
    seen = s.IntegerField()
    paper = s.CharField(allow_blank=True, help_text="The number of the paper it issued.")
    code = s.CharField(
        allow_blank=True, help_text="A new query code, where the step made one; told for fifteen minutes."
    )


class Registered(Shape):
    """A filing that was registered."""

    filing = s.SlugField()
    number = s.CharField(help_text="The filing's own number.")
    petition = s.SlugField()
    petition_number = s.CharField()
    repeat = s.BooleanField()
    code = s.CharField(allow_blank=True, help_text="The petitioner's query code: told in the first answer and its repeats for fifteen minutes, then never again.")  # fmt: skip
    due = s.DateField(allow_null=True, help_text="The first due day.")


class Wanted(Shape):
    """What registering a filing wants: of the filing, and of each person."""

    fields = Field(many=True)  # type: ignore[assignment]
    person = Field(many=True)
