"""What is typed about the words of papers and notices?"""

from __future__ import annotations

from django import forms

from petitions import wording
from petitions.forms.fields import Day, Line, Words


class PaperWordingForm(forms.Form):
    """What stands round a paper's standard text."""

    text = Words(
        label="文书文字", rows=10, limit=wording.MOST, required=False,
        help_text=f"{wording.STANDARD}前后的文字，一行一段；可以用{'、'.join(wording.FIELDS)}。只留{wording.STANDARD}就是恢复原样。",
    )  # fmt: skip
    reason = Line(label="事由", required=False)


class TemplateFileForm(forms.Form):
    """A template that was edited in Word."""

    file = forms.FileField(
        label="改好的模板", help_text=".docx，只有文字和表格；【】里的项不要改名。先检查、看样张，再定从哪一天启用。",
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )  # fmt: skip


class TemplateUseForm(forms.Form):
    """From when a template is used, and why."""

    valid_from = Day(label="从哪一天起启用", help_text="从这一天出具的文书开始；以前出具的不变。")
    reason = Line(label="事由", help_text="依据的通知、会议或者为什么改。")


class NoticeWordingForm(forms.Form):
    """A notice's words, or that it is left out."""

    text = Line(label="文字", limit=200)
    off = forms.BooleanField(label="不再告知", required=False)
    reason = Line(label="事由", required=False)
