"""Groups of `Name: value` lines: the body of a delivery report (RFC 3464, 2.1) and of a feedback report (RFC 5965)."""

import re

Group = dict[str, str]  # names in lower case, values unfolded

GROUP_LIMIT = 2000
FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:(.*)")
ONCE = frozenset({"final-recipient", "original-recipient", "action", "status", "diagnostic-code"})
WHO = frozenset({"final-recipient", "original-recipient", "x-actual-recipient"})
WHAT = frozenset({"action", "status"})


def read_groups(text: str) -> list[Group]:
    """The groups of a report.

    An empty line ends one only where it tells of a recipient and of what befell it, and a field that can stand but
    once in a group begins the next: programs leave such lines out, and put them in where none belong.
    """
    groups: list[Group] = [{}]
    last = ""
    for line in text.split("\n"):
        found = FIELD.match(line)
        if not line.strip():
            if _told(groups[-1]):
                groups.append({})
            last = ""
        elif found:
            last = found[1].lower()
            if last in ONCE and last in groups[-1]:
                groups.append({})
            groups[-1].setdefault(last, found[2].strip())
        elif last:
            groups[-1][last] = f"{groups[-1][last]} {line.strip()}"[:2000].strip()
        if len(groups) > GROUP_LIMIT:
            break
    return [group for group in groups if group]


def _told(group: Group) -> bool:
    return not WHO.isdisjoint(group) and not WHAT.isdisjoint(group)
