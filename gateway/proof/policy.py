"""DMARC: what a domain asks for mail in its name (RFC 7489), and whether this mail is in its name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from gateway.proof.domains import aligned, organizational
from gateway.proof.names import Questions, TooMany, Unanswered
from gateway.proof.proof import Evidence, Policy, Result
from gateway.proof.tags import Unreadable, read_tags

MILDER: dict[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none"}


@dataclass(frozen=True)
class Rules:
    """A domain's wish. While it is not known (an error), only the very same domain is aligned."""

    state: Literal["found", "none", "temperror", "permerror"]
    policy: Policy = "none"
    strict_spf: bool = False
    strict_dkim: bool = False
    reason: str = ""

    @classmethod
    def unknown(cls, state: Literal["temperror", "permerror"], reason: str) -> "Rules":
        return cls(state, strict_spf=True, strict_dkim=True, reason=f"dmarc: {reason}")


def find_rules(author: str, draw: int, questions: Questions) -> Rules:
    """The record of the author's domain, or of its organizational domain. `draw` (0 to 99) is the lot for `pct`."""
    try:
        for domain in dict.fromkeys((author, organizational(author))):
            records = [text for text in questions.texts(f"_dmarc.{domain}") if _is_dmarc(text)]
            if len(records) == 1:
                return _rules(records[0], author, domain, draw, questions)
            if records:
                return Rules.unknown("permerror", f"{domain} has more than one record")
    except Unanswered as error:
        return Rules.unknown("temperror", str(error))
    except (Unreadable, TooMany) as error:
        return Rules.unknown("permerror", str(error))
    return Rules("none", reason=f"dmarc: {author} has no record")


def proves(author: str, rules: Rules, found: Iterable[Evidence]) -> bool:
    """Whether an aligned domain passes."""
    return any(one.result == "pass" and _is_aligned(author, rules, one) for one in found)


def decide(author: str, rules: Rules, found: Sequence[Evidence]) -> Result:
    """The verdict of DMARC. An aligned method that could not be asked leaves it open: never a fail, never a pass."""
    if rules.state != "found":
        return rules.state
    if proves(author, rules, found):
        return "pass"
    open_still = any(one.result == "temperror" and _is_aligned(author, rules, one) for one in found)
    return "temperror" if open_still else "fail"


def _is_aligned(author: str, rules: Rules, one: Evidence) -> bool:
    return aligned(one.domain, author, strict=rules.strict_spf if one.method == "spf" else rules.strict_dkim)


def _is_dmarc(text: bytes) -> bool:
    version, _, _ = text.partition(b";")
    name, _, value = version.partition(b"=")
    return name.strip() == b"v" and value.strip() == b"DMARC1"


def _rules(text: bytes, author: str, domain: str, draw: int, questions: Questions) -> Rules:
    """Raises Unreadable, Unanswered and TooMany."""
    tags = read_tags(text)
    policy = _policy(tags, "p")
    if policy is None:
        if not tags.get("rua"):
            raise Unreadable(f"the record of {domain} has no policy")
        policy = "none"  # RFC 7489, 6.6.3: it wants reports, so it means something
    if domain != author:
        policy = _policy(tags, "sp") or policy
        if "np" in tags and not _exists(author, questions):  # RFC 9091, 4
            policy = _policy(tags, "np") or policy
    share = tags.get("pct", "100")
    if tags.get("t", "n") == "y" or (share.isascii() and share.isdigit() and draw >= int(share[:3])):
        policy = MILDER[policy]
    return Rules(
        "found",
        policy,
        strict_spf=tags.get("aspf", "r").lower() == "s",
        strict_dkim=tags.get("adkim", "r").lower() == "s",
    )


def _policy(tags: dict[str, str], name: str) -> Policy | None:
    said = tags.get(name, "").lower()
    return cast("Policy", said) if said in get_args(Policy) else None


def _exists(domain: str, questions: Questions) -> bool:
    return any(questions.ask(domain, kind) for kind in ("A", "AAAA", "MX"))
