/** Gives whoever asks the ticket that has waited longest for somebody. */
import { spoken } from "@/api/changes";
import { api, data } from "@/api/client";
import { loadPage } from "@/api/lists";
import type { Person } from "@/api/rows";

/** The ticket's id; undefined where everyone has someone, or others were faster. */
export async function takeOldest(me: Person): Promise<number | undefined> {
  const { rows } = await loadPage({ queue: "unassigned", sort: "waiting" }, { limit: 1 });
  const oldest = rows[0];
  if (!oldest) return undefined;
  const { done } = await data(api.POST("/api/tickets/bulk", { body: spoken([oldest.id], { assignee: me }) }));
  return done[0];
}
