"""What is asked for on the roads beside the ordinary one?  Suggestions, route 5, other procedures, simplified handling."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from petitions.access import unit_of
from petitions.forms.base import StepForm
from petitions.forms.fields import LONG, Day, Line, PostField, Words, handlers_of
from petitions.law import roads
from petitions.models import Proceeding


class TakeSuggestionForm(StepForm):
    """接收建议: told in writing; the study has no national limit, the local one is shown on the notice."""

    DATE = "决定日期"
    handler = PostField(label="承办人", required=False, help_text="可以现在确定，也可以以后确定（第二十八条）。")

    def build(self) -> None:
        """Offer the unit's handlers."""
        cast(PostField, self.fields["handler"]).offer(handlers_of(unit_of(self.actor), self.petition))


class ReplyForm(StepForm):
    """起草答复: how far a suggestion is adopted, or what was done on the duty asked for."""

    NOTE, NOTE_HINT = "给签发人的说明", "可不填；不写进答复。"
    reply = Words(label="答复内容", limit=LONG, rows=7)
    basis = Words(label="依据和理由", limit=LONG, rows=4, help_text="法律、政策依据，论证过程或者查处情况。")

    def build(self) -> None:
        """A suggestion asks how far it is adopted; a duty asks where to go against the reply."""
        run = cast(Proceeding, self.row)
        if run.kind == "study":
            self.fields["adopted"] = forms.ChoiceField(
                label="采纳情况", choices=list(roads.ADOPTION.items()), widget=forms.RadioSelect, initial=run.conclusion or None,
                help_text="科学合理、具有现实可行性的，应当采纳或者部分采纳（第二十九条）。",
            )  # fmt: skip
            self.fields["reward"] = Line(
                label="奖励", limit=200, required=False, initial=run.reward,
                help_text="对国民经济和社会发展、改进工作、保护社会公共利益有贡献的，按照有关规定给予奖励（第二十九条第二款）；没有的不填。",
            )  # fmt: skip
            self.order_fields(["adopted", "reply", "basis", "reward"])
        else:
            self.fields["remedy"] = Line(
                label="复议机关和法院", limit=120, initial=run.outside_limit,
                help_text="如：浦江县人民政府；浦江县人民法院。答复会写明60日内复议、6个月内诉讼。",
            )  # fmt: skip

    def begin_with(self) -> dict[str, Any]:
        """What was drafted before."""
        run = cast(Proceeding, self.row)
        return {"reply": run.facts, "basis": run.basis}


class ResultForm(StepForm):
    """记录程序结果: what the other procedure came to."""

    NOTE = ""
    result_on = Day(label="结果日期")
    result = Words(label="结果", limit=500, rows=3, help_text="由谁作出、文号、内容。")
