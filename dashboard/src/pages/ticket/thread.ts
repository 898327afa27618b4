/** What stands in a thread, top to bottom: letters, events between them, and the tear where new begins. */
import type { Message } from "@/api/ticket";
import type { Schema } from "@/api/client";

export type TimelineEvent = Schema<"TimelineEvent">;
export type Item =
  | { type: "letter"; key: string; message: Message; folded: boolean }
  | { type: "events"; key: string; events: TimelineEvent[] }
  | { type: "earlier"; key: string; count: number }
  | { type: "new"; key: string };

const OPEN_AT_END = 3; // letters that are never folded
const MANY_FOLDED = 12;
const KEPT = 4; // of many folded ones, so many stay at each end
export const AT_A_TIME = 20; // that the line between them opens

const RUN = 5 * 60_000; // ms: what one person does within them is one line
/** Events that the letters tell already. */
const TOLD = new Set(["message", "note", "opened", "sent"]);

export function itemsOf(messages: Message[], events: TimelineEvent[], readUpTo: number, opened: ReadonlySet<number>, shown: number): Item[] {
  const firstNew = readUpTo === 0 ? -1 : messages.findIndex((message) => message.id > readUpTo && message.direction === "inbound");
  const mayFold = messages.length - OPEN_AT_END;
  const hidden = hiddenRange(messages.length, firstNew, shown);
  const lines = grouped(events);
  const items: Item[] = [];
  messages.forEach((message, at) => {
    for (; lines[0] && lines[0].at <= message.created_at && at > 0; ) {
      const line = lines.shift();
      if (line && !(hidden && at > hidden.from && at <= hidden.to)) items.push({ type: "events", key: `e${line.events[0]?.id}`, events: line.events });
    }
    if (hidden && at >= hidden.from && at < hidden.to) {
      if (at === hidden.from) items.push({ type: "earlier", key: "earlier", count: hidden.to - hidden.from });
      return;
    }
    if (at === firstNew && at > 0) items.push({ type: "new", key: "new" });
    const isNew = firstNew >= 0 && at >= firstNew;
    items.push({ type: "letter", key: `m${message.id}`, message, folded: at < mayFold && !isNew && !opened.has(message.id) });
  });
  for (const line of lines) items.push({ type: "events", key: `e${line.events[0]?.id}`, events: line.events });
  return items;
}

/** The letters behind "56 earlier messages": all but the first and last few folded ones. */
function hiddenRange(count: number, firstNew: number, shown: number): { from: number; to: number } | null {
  const foldable = (firstNew >= 0 ? Math.min(firstNew, count - OPEN_AT_END) : count - OPEN_AT_END) - shown;
  return foldable > MANY_FOLDED ? { from: KEPT, to: foldable - KEPT } : null;
}

function grouped(events: TimelineEvent[]): { at: string; events: TimelineEvent[] }[] {
  const runs: { at: string; events: TimelineEvent[] }[] = [];
  for (const event of events) {
    if (TOLD.has(event.kind)) continue;
    const run = runs.at(-1);
    const before = run?.events.at(-1);
    if (run && before && before.actor?.id === event.actor?.id && Date.parse(event.at) - Date.parse(before.at) < RUN) run.events.push(event);
    else runs.push({ at: event.at, events: [event] });
  }
  return runs;
}
