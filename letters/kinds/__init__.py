"""Whether a person or a machine sent a mail, and which sort of machine.

Nothing here drops a mail: what a machine sent may open a ticket, it only never gets an automatic answer. What counts as
a bounce opens none, so that needs several pieces of evidence of different sorts.
"""

from letters.kinds.bouncing import judge_bounce
from letters.kinds.fields import Verdict
from letters.kinds.reports import judge_complaint, judge_report
from letters.kinds.robots import judge_auto_submitted, judge_list, judge_robot, judge_subject
from letters.letter import Kind
from letters.mime import Part

JUDGES = (
    judge_report,
    judge_complaint,
    judge_bounce,
    judge_auto_submitted,
    judge_robot,
    judge_list,
    judge_subject,
)


def kind_of(root: Part, text: str) -> tuple[Kind, tuple[str, ...]]:
    """The kind of a mail and what says so; `human` with no reason where nothing does. `text`: its visible text."""
    for judge in JUDGES:
        found: Verdict = judge(root, text)
        if found:
            return found
    return "human", ()
