/** What is typed into a search, taken apart as the server takes it (desk/queries.py): words, phrases, operators. Pure. */
export const NAMES = ["from", "to", "subject", "is", "tag", "assignee", "mailbox", "before", "after", "has", "priority"] as const;
export type Name = (typeof NAMES)[number];

const FOR_STAFF: ReadonlySet<Name> = new Set(["to", "tag", "assignee", "priority"]);
const FIXED: Partial<Record<Name, readonly string[]>> = {
  is: ["active", "frozen", "closed", "unread"],
  has: ["attachment", "draft", "bounce", "note"],
  priority: ["urgent", "high", "normal", "low"],
};
const STAFF_HAS: ReadonlySet<string> = new Set(["bounce", "note"]);
const PART = new RegExp(`(?<not>-?)(?<name>${NAMES.join("|")}):(?:"(?<quoted>[^"]*)(?<closed>"?)|(?<bare>\\S*))|"[^"]*"?|\\S+`, "gi");

export interface Part {
  text: string;
  start: number;
  end: number;
  /** Of an operator; undefined for words and phrases. */
  name?: Name;
  value: string;
  negated: boolean;
  /** Whether nothing more is to come: a value is there, and its quote is closed. */
  whole: boolean;
}

export interface Query {
  /** Operators, each as it is written. */
  chips: string[];
  words: string;
}

export function partsOf(typed: string): Part[] {
  return [...typed.matchAll(PART)].map((found) => {
    const { not, name, quoted, closed, bare } = found.groups ?? {};
    const value = quoted ?? bare ?? "";
    const known = NAMES.find((one) => one === name?.toLowerCase());
    return { text: found[0], start: found.index, end: found.index + found[0].length, name: known, value, negated: not === "-", whole: value.trim() !== "" && closed !== "" };
  });
}

/** Operators apart from words. What stands at the end may still be typed: it stays with the words. */
export function takeApart(typed: string, finished: boolean): Query {
  const parts = partsOf(typed);
  const isChip = (part: Part) => part.name !== undefined && part.whole && (finished || part.end < typed.length);
  const chips = parts.filter(isChip);
  if (!chips.length) return { chips: [], words: typed };
  const words = parts.filter((part) => !isChip(part)).map(({ text }) => text);
  return { chips: chips.map(({ text }) => text), words: words.join(" ") + (!finished && words.length && typed.endsWith(" ") ? " " : "") };
}

/** What is asked: without the operator that is being typed. */
export function written({ chips, words }: Query): string {
  const last = partsOf(words).at(-1);
  const typing = last?.name !== undefined && last.end === words.length && !(last.whole && words.endsWith('"'));
  return [...chips, (typing ? words.slice(0, last.start) : words).trim()].filter(Boolean).join(" ");
}

/** The operator that the caret stands in, or the word that may become one. */
export function partAt(typed: string, caret: number): Part | undefined {
  return partsOf(typed).find(({ start, end }) => start < caret && caret <= end);
}

export function spell(name: Name, value: string, negated = false): string {
  return `${negated ? "-" : ""}${name}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value}`;
}

export function namesFor(staff: boolean): Name[] {
  return NAMES.filter((name) => staff || !FOR_STAFF.has(name));
}

/** The values that an operator takes, where they are few. */
export function fixedValues(name: Name, staff: boolean): string[] {
  return (FIXED[name] ?? []).filter((value) => staff || name !== "has" || !STAFF_HAS.has(value));
}

/** Which chip a place of the written query lies in; -1: in the words. */
export function chipAt(chips: readonly string[], at: number): number {
  let start = 0;
  return chips.findIndex((chip) => {
    const inside = at >= start && at < start + chip.length;
    start += chip.length + 1;
    return inside;
  });
}
