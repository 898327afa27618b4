/** A change of a ticket, said in a sentence. */
import type { TimelineEvent } from "@/pages/ticket/thread";
import type { Glyph } from "@/parts/glyphs";
import { t } from "@/words";

const GLYPHS = {
  opened: "inbox", message: "mail", note: "note", status: "active", assigned: "user", retitled: "edit", priority: "alert", tags: "tag",
  joined: "user", removed: "user", bounced: "bounce", complained: "alert", delayed: "clock", suppressed: "block", unsuppressed: "tick",
  taken_back: "undo", held: "held", unanswered: "bolt",
  sent: "send", sent_again: "send", resumed: "tick", same_person: "user", files_left_out: "clip",
} as const satisfies Record<string, Glyph>;
type Kind = keyof typeof GLYPHS;

export function glyphOf(event: TimelineEvent): Glyph {
  if (event.kind === "status") return event.data.new === "CL" ? "closed" : event.data.new === "FR" ? "frozen" : "active";
  return isKnown(event.kind) ? GLYPHS[event.kind] : "dots";
}

export function sentenceOf(event: TimelineEvent): string {
  const who = event.actor?.name || t("house.name");
  if (!isKnown(event.kind)) return t("event.other", { kind: event.kind.replaceAll("_", " ") });
  if (event.kind === "assigned" && event.data.assignee === null) return t("event.unassigned", { who });
  return t(`event.${event.kind}`, { who, to: target(event) });
}

/** A newer server may tell of more than this page has words for. */
function isKnown(kind: string): kind is Kind {
  return Object.hasOwn(GLYPHS, kind);
}

function target({ kind, data, about }: TimelineEvent): string {
  if (kind === "status") return t(`status.${data.new === "CL" || data.new === "FR" ? data.new : "AC"}`);
  if (about) return about.name || about.email;
  const said = data.email ?? data.recipient ?? data.title ?? data.new ?? data.name;
  return typeof said === "string" ? said : "";
}
