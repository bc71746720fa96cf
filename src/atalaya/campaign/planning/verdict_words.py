"""The answer of the gates on a planned sortie: the verdict, and what does not speak for it."""

from atalaya.base.language import say
from atalaya.campaign.gate_words import ground_line
from atalaya.law.gate import Answer, Verdict

MOST_LINES = 12


def verdict_lines(answer: Answer) -> list[str]:
    """The verdict, then each ground that is not "allowed"; where all are, how many were looked at."""
    lines = [say("plan.sheet.law", verdict=say(f"may.{answer.verdict}"), count=len(answer.grounds))]
    against = [ground for ground in answer.grounds if ground.verdict is not Verdict.ALLOWED]
    return lines + [f"  {ground_line(ground)}" for ground in against[:MOST_LINES]]
