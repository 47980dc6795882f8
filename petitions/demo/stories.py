"""Which histories are told?  The ordinary road in all its moments, then the roads beside it (``roads``); see ``story``."""

from __future__ import annotations

from random import Random

from petitions.demo.roads import ROAD_GAPS, ROADS
from petitions.demo.story import AGREED, CONFIRMED, DRAFT, HELD, ISSUED, LAPSED, REFUSED, SIGNED, Story, steps_of

ORDINARY: tuple[Story, ...] = (
    # Before the office has decided.
    Story("fresh", 8, "register", (0, 0)),
    Story("to_triage", 6, "register", (1, 8)),
    Story("triaged", 2, "register triage", (0, 4)),
    Story("t1_tomorrow", 1, "^register", due=("T1", 1, 1)),
    Story("t1_overdue", 1, "^register", due=("T1", -6, -1)),
    Story("urgent", 1, "register", (0, 1), traits=("urgent", "joint")),
    Story("backdated", 1, "register", (1, 4), traits=("backdated", "letter")),
    Story("handed_fresh", 1, "register", (1, 5), traits=("handed",)),
    # At the unit, not accepted.
    Story("to_sign", 4, "register transfer", (0, 1)),
    Story("assigned", 1, "register sign_up assign", (0, 1), traits=("handed",)),
    Story("ts_overdue", 1, "register ^transfer", due=("TS", -4, -1)),
    Story("to_accept", 5, SIGNED, (0, 5)),
    Story("t3_tomorrow", 1, "register transfer ^sign_for", due=("T3", 1, 1)),
    Story("t3_overdue", 2, "register transfer ^sign_for", due=("T3", -8, -2)),
    Story("t3_explained", 1, "register transfer ^sign_for answer_supervision", due=("T3", -14, -9)),
    Story("t3_accepted_late", 1, f"{SIGNED} answer_supervision accept:late end_supervision interview", (3, 9)),
    Story("t4_over", 1, "register transfer ^sign_for", due=("T4", -3, -1)),
    Story("objected", 2, f"{SIGNED} object", (0, 1)),
    Story("tc_overdue", 1, f"{SIGNED} ^object", due=("TC", -3, -1)),
    Story("objection_upheld", 1, f"{SIGNED} object uphold_objection", (0, 1)),
    Story("sent_elsewhere", 3, f"{SIGNED} object uphold_objection transfer sign_for accept", (1, 12)),
    Story("objection_refused", 3, f"{SIGNED} object refuse_objection accept interview", (2, 15)),
    # Handled.
    Story("accepted", 4, HELD, (0, 6)),
    Story("handling", 8, f"{HELD} interview", (2, 25)),
    Story("t5_tomorrow", 1, f"{SIGNED} ^accept interview", due=("T5", 1, 1)),
    Story("t5_overdue", 2, f"{SIGNED} ^accept interview", due=("T5", -9, -2)),
    Story("extended", 2, f"{HELD} interview extend", (1, 12)),
    Story("hidden", 1, f"{HELD} interview", (2, 10), traits=("hidden",)),
    Story("joint", 2, f"{HELD} interview", (3, 18), traits=("joint",)),
    Story("several_claims", 2, f"{SIGNED} accept:mixed interview", (2, 14), traits=("claims",)),
    Story("repeated", 4, f"{SIGNED} repeat accept interview repeat", (1, 9)),
    Story("drafted", 3, DRAFT, (0, 2)),
    Story("sent_back", 1, f"{DRAFT} return_draft", (0, 2)),
    Story("checked", 2, f"{DRAFT} return_draft draft check", (0, 2)),
    Story("issued", 3, ISSUED, (0, 3)),
    Story("td_overdue", 1, f"{DRAFT} check ^sign", due=("TD", -4, -1)),
    Story("delivered", 3, AGREED, (0, 3)),
    Story("disagrees", 4, REFUSED, (1, 25)),
    Story("lapsed", 1, f"{ISSUED} ^deliver:disagrees", due=("T6", -9, -3)),
    Story("refused_receipt", 1, f"{ISSUED} deliver:refused", (2, 15)),
    Story("closed", 4, f"{AGREED} close", (0, 4)),
    Story("ta_overdue", 1, f"{AGREED} ^close", due=("TA", -4, -1)),
    Story("closure_refused", 1, f"{AGREED} close refuse_closure", (0, 4)),
    Story("co_asked", 1, f"{HELD} add_co_unit", (0, 3)),
    Story("co_working", 1, f"{HELD} add_co_unit co_sign_for", (0, 6)),
    Story("co_answered", 1, f"{HELD} add_co_unit co_sign_for co_answer interview", (1, 10)),
    # From above, and the leaders.
    Story("handed_handling", 1, "register sign_up assign sign_for accept interview", (2, 15), traits=("handed",)),
    Story("t8_overdue", 1, "register sign_up assign:late sign_for accept interview", (4, 9), traits=("handed",)),
    Story("handed_done", 4, "register sign_up assign sign_for accept interview draft check sign deliver:agrees report_back close "
          "confirm_closure report_up", (2, 150), traits=("handed",)),
    Story("leader_asked", 2, f"{HELD} submit_to_leader", (0, 2)),
    Story("instructed", 2, f"{HELD} submit_to_leader instruct", (0, 5)),
    Story("tb_overdue", 1, f"{HELD} submit_to_leader instruct:late", (8, 12)),
    Story("instruction_answered", 2, f"{HELD} submit_to_leader instruct interview answer_instruction", (1, 12)),
    Story("supervised", 1, f"{HELD} interview supervise", (0, 4)),
    Story("supervision_ended", 1, f"{HELD} interview supervise answer_supervision end_supervision", (1, 10)),
    # With the town that received it.
    Story("town_fresh", 1, "register", (0, 3), traits=("town",)),
    Story("town_handling", 2, "register take_up assign_handler interview", (1, 12), traits=("town",)),
    Story("town_delivered", 1, "register take_up assign_handler interview draft check sign deliver:disagrees", (2, 20),
          traits=("town",)),
    # Ended without an opinion.
    Story("direct_reply", 4, "register direct_reply", (1, 220), traits=("phone",)),
    Story("direct_reply_rated", 3, "register direct_reply rate:good", (1, 220), traits=("phone",)),
    Story("filed", 2, "register file_away", (3, 230), traits=("thanks", "letter")),
    Story("redirected", 5, "register redirect", (1, 240)),
    Story("not_accepted", 4, "register not_accept", (1, 230)),
    Story("channelled", 4, f"{SIGNED} channel", (3, 210)),
    Story("legal_waiting", 1, "register route_legal", (0, 2), traits=("legal",)),
    Story("legal_received", 3, "register route_legal legal_receive", (2, 200), traits=("legal",)),
    Story("merged", 1, f"{SIGNED} register_other merge accept interview", (2, 20)),
    # Ended with one.
    Story("confirmed", 8, CONFIRMED, (1, 40)),
    Story("confirmed_after_window", 8, LAPSED, (1, 130)),
    Story("rated_good", 16, f"{CONFIRMED} rate:good", (1, 230)),
    Story("rated_bad", 8, f"{LAPSED} rate:bad", (1, 170)),
    Story("resolved", 18, f"{CONFIRMED} rate:good follow_up:settled judge_resolved:yes", (2, 220)),
    Story("unresolved", 5, f"{LAPSED} rate:bad follow_up judge_resolved:no", (2, 110)),
    Story("simplified", 6, f"{SIGNED} accept:simple draft:soon check:soon sign:soon deliver:agrees close "
          "confirm_closure rate:good", (2, 250)),
    Story("joint_resolved", 3, f"{CONFIRMED} follow_up:settled judge_resolved:yes", (5, 150), traits=("joint",)),
    Story("reprinted_code", 1, f"{CONFIRMED} reissue_code rate:good_at_once", (2, 60)),
)  # fmt: skip
STORIES: tuple[Story, ...] = (*ORDINARY, *ROADS)

# Days since the step before, at least and at most.
GAPS = ROAD_GAPS | {
    "sign_up": (0, 1), "report_up": (1, 3), "triage": (0, 2), "transfer": (1, 5), "assign": (1, 4), "sign_for": (0, 2), "accept": (3, 8), "object": (1, 3),
    "uphold_objection": (1, 2), "refuse_objection": (1, 2), "assign_handler": (0, 1), "interview": (3, 12),
    "draft": (7, 24), "return_draft": (1, 2), "check": (1, 3), "sign": (1, 3), "deliver": (1, 4), "close": (2, 6),
    "confirm_closure": (2, 8), "refuse_closure": (2, 5), "rate": (1, 10), "follow_up": (3, 10), "judge_resolved": (1, 5),
    "extend": (14, 26), "repeat": (2, 5), "add_co_unit": (2, 6), "co_sign_for": (1, 2), "co_answer": (4, 9),
    "report_back": (1, 3), "submit_to_leader": (1, 4), "instruct": (1, 3), "answer_instruction": (3, 8),
    "supervise": (10, 20), "answer_supervision": (3, 7), "end_supervision": (1, 4), "take_up": (1, 7),
    "direct_reply": (0, 3), "file_away": (1, 4), "redirect": (1, 6), "not_accept": (2, 8),
    "channel": (4, 9), "route_legal": (1, 4), "legal_receive": (1, 3), "register_other": (1, 4),
    "merge": (0, 2), "reissue_code": (2, 8), "accept:late": (1, 3), "draft:soon": (2, 3), "check:soon": (0, 1),
    "sign:soon": (0, 1), "close:lapsed": (33, 44), "rate:good_at_once": (0, 0),
}  # fmt: skip
# After a clock has lapsed: T3 is fifteen days from signing, and a holiday may follow.
AFTER_T3 = (19, 23)


def gap(story: Story, index: int, rng: Random) -> int:
    """Days between the step at ``index`` and the one before it."""
    steps = steps_of(story)
    step = steps[index]
    if step == "answer_supervision" and steps[index - 1] == "sign_for":
        return rng.randint(*AFTER_T3)
    low, high = GAPS.get(step) or GAPS[step.split(":")[0]]
    return rng.randint(low, high)


def choose(count: int, first: int, rng: Random) -> list[Story]:
    """Return ``count`` stories: from the ``first`` one on in turn until each has come once, then by weight."""
    turn = list(STORIES[first : first + count])
    rest = rng.choices(STORIES, weights=[story.weight for story in STORIES], k=count - len(turn))
    return turn + rest
