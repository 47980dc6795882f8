"""What is typed about the words of papers and notices?"""

from __future__ import annotations

from django import forms

from petitions import wording
from petitions.forms.fields import Line, Words


class PaperWordingForm(forms.Form):
    """What stands round a paper's standard text."""

    text = Words(
        label="文书文字", rows=10, limit=wording.MOST, required=False,
        help_text=f"{wording.STANDARD}前后的文字，一行一段；可以用{'、'.join(wording.FIELDS)}。只留{wording.STANDARD}就是恢复原样。",
    )  # fmt: skip
    reason = Line(label="事由", required=False)


class NoticeWordingForm(forms.Form):
    """A notice's words, or that it is left out."""

    text = Line(label="文字", limit=200)
    off = forms.BooleanField(label="不再告知", required=False)
    reason = Line(label="事由", required=False)
