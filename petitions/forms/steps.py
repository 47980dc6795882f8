"""Which form does a step have?  One for every row of the law that a person may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actor import Actor
from petitions.access import Row
from petitions.forms import handling, triage, unit, whole
from petitions.forms.base import StepForm, plain, reason
from petitions.lifecycle import STEPS, Step
from petitions.models import Petition

STEP_FORMS: Mapping[str, type[StepForm]] = {
    "triage": triage.TriageForm,
    "transfer": triage.TransferForm,
    "assign": triage.AssignForm,
    "route_legal": triage.LegalForm,
    "redirect": triage.RedirectForm,
    "not_accept": triage.NotAcceptForm,
    "no_further": triage.NoFurtherForm,
    "merge": triage.MergeForm,
    "file_away": triage.FileAwayForm,
    "direct_reply": triage.DirectReplyForm,
    "take_up": triage.ClassifyForm,
    "reissue_code": triage.ReissueForm,
    "sign_up": plain(date="签收日期"),
    "object_up": triage.ObjectUpForm,
    "taken_back": reason(
        "上级的答复", "上级同意退回的，这件事项在本机关到此为止，请告知信访人（第二十三条）。", name="answer"
    ),
    "objection_refused": reason(
        "上级的答复", "不同意退回的，由本机关继续办理，期限不重新计算（第二十三条）。", name="answer"
    ),
    "report_up": reason("办理结果", "写明办理经过、结果和信访人意见；会写进报上级的办结报告。", name="result"),
    "sign_for": plain(date="签收日期"),
    "co_sign_for": plain(date="签收日期"),
    "legal_receive": plain(date="签收日期"),
    "object": unit.ObjectForm,
    "uphold_objection": reason("核实情况和理由", "同意退回后由本机关重新转送，转送期限不重新计算（第二十三条）。"),
    "refuse_objection": reason("核实情况和理由", "受理告知的15日继续计算（第二十三条）。"),
    "accept": unit.AcceptForm,
    "channel": unit.ChannelForm,
    "decline": triage.NotAcceptForm,
    "assign_handler": unit.HandlerForm,
    "add_co_unit": unit.CoUnitForm,
    "remind": whole.RemindForm,
    "co_answer": reason("协办意见", "回给主办单位，由主办单位统一答复（第二十四条）。", name="answer"),
    "report_back": reason("办理结果", "写明办理经过、结果和信访人意见（第二十二条第一款第三项）。", name="result"),
    "interview": handling.InterviewForm,
    "extend": handling.ExtendForm,
    "draft": handling.DraftForm,
    "return_draft": reason("修改意见", "承办人修改后重新送核（第三十二条）。"),
    "check": plain("核稿意见", shows="petitions/_draft.html"),
    "sign": plain("签发意见", shows="petitions/_draft.html"),
    "deliver": handling.DeliverForm,
    "close": plain("办结说明"),
    "confirm_closure": plain("审核意见"),
    "refuse_closure": reason("不予认定的理由", "写明还缺什么；退回责任单位补办。"),
    "submit_to_leader": whole.SubmitForm,
    "instruct": whole.InstructForm,
    "answer_instruction": reason("落实情况", "写明采取了什么措施、结果如何（第十八条）。", name="answer"),
    "supervise": whole.SuperviseForm,
    "answer_supervision": reason("反馈内容", "说明原因和改正情况（第四十条）。", name="answer"),
    "end_supervision": reason("核查结论", "问题是否已经改正（第四十条）。", name="finding"),
    "follow_up": whole.FollowUpForm,
    "judge_resolved": whole.ResolvedForm,
}


def form_for(step: Step, petition: Petition, row: Row, actor: Actor, data: Any = None) -> StepForm:
    """Return the form of ``step`` on ``row``, bound where ``data`` is given."""
    return STEP_FORMS[step.code](step, petition, row, actor, data)


def of_people() -> list[str]:
    """Codes of the steps that people take; the rest is automatic."""
    return [code for code, step in STEPS.items() if set(step.who) != {"system"}]
