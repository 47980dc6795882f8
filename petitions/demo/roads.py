"""Which histories go the other roads of the statute?  Every road once, and some at the moments where somebody has to act."""

from __future__ import annotations

from petitions.demo.story import CONFIRMED, HELD, REFUSED, SIGNED, Story

_SUGGESTED = f"{SIGNED} take_suggestion"
_DUTY = f"{SIGNED} channel:5"
_REVIEW = f"{REFUSED} apply_review"
_REVIEWED = f"{_REVIEW} accept_review draft_review:uphold sign_review deliver_review"
_REREVIEW = f"{_REVIEWED} apply_rereview accept_review call_hearing:again"
_HEARD = "hold_hearing conclude_hearing"
_SUPPORTED = f"{HELD} interview draft:support check sign deliver:agrees close confirm_closure"
_SUPERVISED = f"{HELD} interview supervise answer_supervision"
_OURS = "ZRZY"  # where two people handle, so that one may keep away

ROADS: tuple[Story, ...] = (
    # Suggestions (Art.29).
    Story("suggestion_studied", 1, _SUGGESTED, (1, 9), traits=("suggests",)),
    Story("suggestion_to_sign", 1, f"{_SUGGESTED} draft_reply:part", (0, 2), traits=("suggests",)),
    Story("suggestion_answered", 2, f"{_SUGGESTED} draft_reply:part sign_reply deliver_reply close_reply confirm_closure rate:good",
          (2, 120), traits=("suggests",)),
    # Routes 1 to 5 of Art.31.
    Story("route_court", 1, f"{SIGNED} channel:1", (2, 60)),
    Story("route_arbitration", 1, f"{SIGNED} channel:2 outside_result", (2, 60)),
    Story("route_party", 1, f"{SIGNED} channel:3", (2, 60)),
    Story("route_came_back", 1, f"{SIGNED} channel:4 outside_result come_back interview", (1, 12)),
    Story("duty_to_sign", 1, f"{_DUTY} draft_reply", (0, 2)),
    Story("duty_answered", 1, f"{_DUTY} draft_reply sign_reply deliver_reply close_reply confirm_closure", (3, 90)),
    # Hearing, mediation, settlement, withdrawal.
    Story("hearing_called", 1, f"{HELD} interview call_hearing", (0, 3)),
    Story("hearing_held", 1, f"{HELD} interview call_hearing {_HEARD} draft", (0, 3)),
    Story("mediating", 1, f"{HELD} start_mediation mediation_session", (1, 6)),
    Story("mediated", 1, f"{HELD} interview start_mediation mediation_session agree_mediation settle perform_mediation close_settled "
          "confirm_closure", (2, 90)),
    Story("settlement", 1, f"{HELD} interview start_mediation:between agree_mediation settle", (1, 8)),
    Story("declined", 1, f"{HELD} interview start_mediation mediation_session agree_mediation settle register_again:和解 decline_again",
          (1, 4)),
    Story("withdrawal_waiting", 1, f"{HELD} record_withdrawal", (0, 2)),
    Story("withdrawn", 1, f"{HELD} record_withdrawal confirm_withdrawal", (2, 90)),
    # Review, re-review, the end of the road (Art.35, 36).
    Story("review_applied", 1, _REVIEW, (0, 1)),
    Story("review_under_way", 1, f"{_REVIEW} accept_review", (1, 9)),
    Story("review_to_sign", 1, f"{_REVIEW} accept_review draft_review:uphold", (0, 1)),
    Story("review_upheld", 1, _REVIEWED, (2, 20)),
    Story("review_redo", 1, f"{_REVIEW} accept_review draft_review:redo sign_review deliver_review interview", (1, 8)),
    Story("review_lapsed", 1, f"{_REVIEW} accept_review draft_review:uphold sign_review ^deliver_review", due=("T7", -9, -3)),
    Story("rereview_paused", 1, _REREVIEW, (0, 4)),
    Story("end_of_road", 1, f"{_REREVIEW} {_HEARD} draft_review:uphold sign_review deliver_review close confirm_closure register_again "
          "refuse_again", (2, 40)),
    # An opinion that supports is carried out (Art.32 ¶2).
    Story("execution", 1, f"{_SUPPORTED} track_execution urge_execution", (0, 6)),
    Story("execution_late", 1, f"{_SUPPORTED} track_execution:late", (9, 14)),
    Story("executed", 1, f"{_SUPPORTED} track_execution execution_done", (2, 60)),
    # Supervision, the three suggestions, measures of the joint conference (Art.38 to 40).
    Story("advice_sent", 1, f"{_SUPERVISED} advise:policy", (0, 5)),
    Story("advised", 1, f"{_SUPERVISED} look_into advise:improve advise:policy advise:blame answer_advice:improve answer_advice:policy "
          "answer_advice:blame note_advice", (1, 20)),
    Story("measure_proposed", 1, f"{_SUPERVISED} propose_measure:talk", (0, 3)),
    Story("measure_listed", 1, f"{_SUPERVISED} propose_measure:listed decide_measure:listed", (0, 6)),
    Story("measure_answered", 1, f"{_SUPERVISED} propose_measure:talk decide_measure:talk answer_measure", (0, 3)),
    Story("measure_ended", 1, f"{_SUPERVISED} propose_measure:circular decide_measure:circular answer_measure end_measure", (2, 30)),
    # Urgent, simplified, joint.
    Story("urgent_reported", 1, "register report_urgent transfer sign_for accept urgent_measure", (0, 4), traits=("urgent", "joint")),
    Story("urgent_over", 1, "register report_urgent transfer sign_for accept urgent_measure interview end_urgent", (3, 20),
          traits=("urgent", "joint")),
    Story("simplified_running", 1, f"{SIGNED} accept:simple", (0, 3)),
    Story("simplified_turned", 1, f"{SIGNED} accept:simple to_ordinary", (0, 8)),
    Story("joint_answered", 1, "register count_heads choose_representatives transfer sign_for accept interview draft check sign "
          "deliver:disagrees pass_on", (1, 14), traits=("joint",)),
    # Whose it is, who keeps away, what belongs together.
    Story("dispute", 1, "register refer_dispute", (0, 2)),
    Story("dispute_conference", 1, "register refer_dispute dispute_to_conference", (0, 2)),
    Story("dispute_decided", 1, "register refer_dispute decide_dispute transfer sign_for accept", (1, 12)),
    Story("recusal_waiting", 1, f"{HELD} ask_recusal", (0, 2), unit=_OURS),
    Story("recused", 1, f"{HELD} ask_recusal grant_recusal assign_other interview", (1, 12), unit=_OURS),
    Story("returned_late", 1, "register transfer ^sign_for register_other:late merge_supervise", due=("T3", -14, -9)),
    Story("related", 1, f"{HELD} register_other relate", (1, 12)),
    Story("archived", 1, f"{CONFIRMED} archive", (5, 150)),
)  # fmt: skip

# Days since the step before, at least and at most.
ROAD_GAPS = {
    "take_suggestion": (3, 8), "draft_reply": (8, 20), "sign_reply": (1, 3), "deliver_reply": (1, 3), "close_reply": (2, 6),
    "outside_result": (20, 40), "come_back": (1, 4), "call_hearing": (2, 5), "hold_hearing": (11, 13), "conclude_hearing": (1, 3),
    "start_mediation": (2, 6), "mediation_session": (2, 5), "agree_mediation": (2, 6), "settle": (1, 3),
    "perform_mediation": (6, 12), "close_settled": (1, 4), "record_withdrawal": (2, 12), "confirm_withdrawal": (1, 3),
    "apply_review": (5, 20), "accept_review": (1, 2), "draft_review": (7, 12), "sign_review": (1, 3), "deliver_review": (1, 3),
    "apply_rereview": (5, 20), "call_hearing:again": (2, 4), "register_again": (10, 20), "refuse_again": (1, 4), "decline_again": (1, 4),
    "track_execution": (1, 4), "urge_execution": (3, 8), "execution_done": (5, 14), "advise": (0, 2), "look_into": (0, 2),
    "answer_advice": (3, 8), "note_advice": (1, 4), "propose_measure": (1, 3), "decide_measure": (1, 4), "answer_measure": (6, 10),
    "end_measure": (1, 4), "report_urgent": (0, 0), "urgent_measure": (0, 2), "end_urgent": (2, 6), "to_ordinary": (3, 6),
    "count_heads": (0, 0), "choose_representatives": (0, 0), "pass_on": (1, 4), "refer_dispute": (1, 3),
    "dispute_to_conference": (0, 2), "decide_dispute": (1, 3), "ask_recusal": (1, 5), "grant_recusal": (0, 2), "assign_other": (0, 2),
    "relate": (0, 2), "register_other:late": (20, 24), "merge_supervise": (0, 2), "archive": (10, 30),
}  # fmt: skip
