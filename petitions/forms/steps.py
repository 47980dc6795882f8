"""Which form does a step have?  One for every row of the law that a person may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actor import Actor
from petitions.access import Row
from petitions.forms import (
    archive,
    aside,
    competence,
    direct,
    handling,
    oversight,
    papers,
    recusal,
    repeats,
    review,
    roads,
    triage,
    unit,
    whole,
)
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
    "retract": triage.RetractForm,
    "take_up": direct.TakeUpForm,
    "channel_direct": direct.ChannelDirectForm,
    "pass_down": direct.PassDownForm,
    "assign_down": direct.AssignDownForm,
    "reissue_code": triage.ReissueForm,
    "add_reference": triage.ReferenceForm,
    "sign_up": plain(date="签收日期"),
    "object_up": triage.ObjectUpForm,
    "taken_back": reason(
        "上级的答复", "上级同意退回的，这件事项在本机关到此为止，请告知信访人（第二十三条）。", name="answer"
    ),
    "objection_refused": reason(
        "上级的答复", "不同意退回的，由本机关继续办理，期限不重新计算（第二十三条）。", name="answer"
    ),
    "report_up": reason("办理结果", "写明办理经过、结果和信访人意见；会写进报上级的办结报告。", name="result"),
    "extend_up": triage.ExtendUpForm,
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
    "extend_report": unit.ExtendReportForm,
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
    "ask_recusal": recusal.AskForm,
    "grant_recusal": recusal.GrantForm,
    "refuse_recusal": reason("不予回避的理由", "写明为什么没有直接利害关系（第二十八条第三款）。"),
    "follow_up": whole.FollowUpForm,
    "judge_resolved": whole.ResolvedForm,
    "take_suggestion": roads.TakeSuggestionForm,
    "draft_reply": roads.ReplyForm,
    "return_reply": reason("修改意见", "修改后重新送签。"),
    "sign_reply": plain("签发意见", shows="petitions/_reply_draft.html"),
    "deliver_reply": handling.DeliverForm,
    "close_reply": plain("办结说明"),
    "outside_result": roads.ResultForm,
    "come_back": reason(
        "回到信访程序的理由",
        "会写进告知书；办理期限60日自今天起算，本单位尚未答复、发现不是法定职责的，仍自受理之日起算（第三十四条）。",
    ),
    "to_ordinary": reason("转为普通程序的理由", "会写进告知书；60日仍自受理之日起算（第三十四条）。"),
    "call_hearing": aside.CallHearingForm,
    "hold_hearing": aside.HoldHearingForm,
    "conclude_hearing": reason(
        "听证结论",
        "认定的事实和依据；会印在听证结论上。复核中，超过规定天数才作出结论的，超出的时间计入复核期限（第三十六条）。",
        name="conclusion_text",
    ),
    "cancel_hearing": reason(
        "取消的理由", "通知各方（第三十一条第六项）。复核中，没有举行的听证不中止期限，到期日重新计算（第三十六条）。"
    ),
    "start_mediation": aside.StartMediationForm,
    "mediation_session": aside.SessionForm,
    "agree_mediation": aside.AgreementForm,
    "stop_mediation": reason("终止的原因", "一方不同意继续，或者达不成协议；办理继续进行（第三十三条）。"),
    "court_confirms": aside.CourtForm,
    "perform_mediation": reason("履行情况", "何时、怎样履行的，有什么凭证。", name="evidence"),
    "break_mediation": reason("没有履行的情况", "事项回到办理中，期限仍是原来的日期（第三十三条）。"),
    "settle": plain("说明"),
    "close_settled": plain("办结说明"),
    "record_withdrawal": aside.WithdrawalForm,
    "confirm_withdrawal": reason("核实情况", "何时、怎样联系到信访人，他怎么说；由记录人以外的人填写。", name="words"),
    "deny_withdrawal": reason("核实情况", "何时、怎样联系到信访人，他怎么说；事项继续办理。", name="words"),
    "report_urgent": aside.UrgentForm,
    "urgent_measure": reason("处置情况", "采取了什么措施，情况有什么变化（第二十五条）。", name="text"),
    "end_urgent": reason("处置结果", "写明结果和后续安排（第二十五条）。", name="finding"),
    "look_into": oversight.LookForm,
    "return_answer": reason("哪里不合要求", "责任单位在同样的天数内重新反馈（第四十条）。"),
    "propose_measure": oversight.ProposeForm,
    "decide_measure": oversight.DecideForm,
    "reject_measure": reason("理由", "联席会议不采取措施的理由（第三十九条第三款）。"),
    "answer_measure": reason("整改情况", "逐条说明怎样整改、结果如何（第三十九条第三款）。", name="answer"),
    "end_measure": reason("认定", "整改到位的依据（第三十九条第三款）。", name="finding"),
    "reopen_measure": oversight.ReopenForm,
    "advise": oversight.AdviseForm,
    "answer_advice": oversight.AnswerAdviceForm,
    "note_advice": reason("了结意见", "采纳的落实情况，或者未采纳的后续（第四十条、第四十一条）。", name="finding"),
    "track_execution": oversight.ExecutionForm,
    "urge_execution": reason("督促内容", "会印在督促执行函上（第三十二条）。", name="what"),
    "execution_done": reason("执行情况", "何时、怎样执行的，有什么凭证（第三十二条）。", name="evidence"),
    "archive": archive.ArchiveForm,
    "keep_longer": archive.KeepLongerForm,
    "serve_paper": papers.ServeForm,
    "void_paper": papers.VoidForm,
    "recall_opinion": reason("收回的理由", "原文号作废；改正后重新签发，办理期限仍是原来的日期。"),
    "recall_reply": reason("收回的理由", "原文号作废；改正后重新签发，期限仍是原来的日期。"),
    "merge_supervise": repeats.MergeSuperviseForm,
    "split_off": repeats.SplitOffForm,
    "unmerge": reason("为什么不是同一事项", "恢复为独立事项，期限仍是原来的日期。"),
    "refer_dispute": competence.ReferForm,
    "dispute_to_conference": reason(
        "为什么转联席会议", "没有共同的上一级，或者上一级认为应由联席会议协调（第二十四条）。"
    ),
    "decide_dispute": competence.DecideForm,
    "coordinate_dispute": competence.CoordinateForm,
    "dispute_agreed": competence.AgreedForm,
    "relate": repeats.RelateForm,
    "unrelate": reason("原因", "取消以后两件不再互相显示。"),
    "choose_representatives": repeats.RepresentativesForm,
    "count_heads": repeats.HeadsForm,
    "pass_on": repeats.PassOnForm,
    "apply_review": review.ApplyForm,
    "apply_rereview": review.ApplyForm,
    "accept_review": plain("受理说明", shows="petitions/_review_draft.html"),
    "refuse_review": review.RefuseForm,
    "drop_review": reason("申请人的原话", "书面撤回的写明日期；口头的如实记录（自愿，不得劝退）。", name="words"),
    "draft_review": review.DraftReviewForm,
    "return_review": reason("修改意见", "修改后重新送签（第三十五条、第三十六条）。"),
    "sign_review": plain("签发意见", shows="petitions/_review_draft.html"),
    "deliver_review": review.DeliverReviewForm,
    "record_review": review.RecordForm,
}


def form_for(step: Step, petition: Petition, row: Row, actor: Actor, data: Any = None) -> StepForm:
    """Return the form of ``step`` on ``row``, bound where ``data`` is given."""
    return STEP_FORMS[step.code](step, petition, row, actor, data)


def of_people() -> list[str]:
    """Codes of the steps that people take; the rest is automatic."""
    return [code for code, step in STEPS.items() if set(step.who) != {"system"}]
