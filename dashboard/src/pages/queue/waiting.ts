/** How long a customer has waited for us, and when that is late. Pure. */
import type { Row } from "@/api/rows";
import { secondsSince } from "@/words/dates";

const LATE = 4 * 3600; // s
const OVER = 72 * 3600;

export type Lateness = "late" | "over" | "";

/** Only an active ticket on which we speak next can be late. */
export function lateness(row: Row, now: number): Lateness {
  if (row.turn !== "us" || row.status !== "AC") return "";
  const waited = secondsSince(row.waiting_since, now);
  if (waited >= OVER) return "over";
  return waited >= LATE ? "late" : "";
}
