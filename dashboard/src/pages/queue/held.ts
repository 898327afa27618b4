/** Why mail is held. Pure. */
import type { Entry } from "@/pages/health/journal";

/** The reasons, most mails first. */
export function byReason(entries: readonly Entry[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of entries) counts.set(reason ?? "", (counts.get(reason ?? "") ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count);
}
