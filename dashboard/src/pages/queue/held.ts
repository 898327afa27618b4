/** What is done with mail that is held: let through, or ended. */
import { useQueryClient } from "@tanstack/vue-query";
import { ref, shallowReactive } from "vue";
import { api, data } from "@/api/client";
import { Problem } from "@/api/problem";
import type { Entry } from "@/pages/health/journal";
import { alarm, announce } from "@/parts/announce";
import { t } from "@/words";

const AT_ONCE = 200; // entries in one request
export type HeldDeed = "replay" | "discard";

/** The reasons, most mails first. */
export function byReason(entries: readonly Entry[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { reason } of entries) counts.set(reason ?? "", (counts.get(reason ?? "") ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count);
}

export function useHeldMoves() {
  const cache = useQueryClient();
  const moving = ref(false);
  const refused = shallowReactive(new Map<number, string>());

  async function move(ids: readonly number[], deed: HeldDeed): Promise<void> {
    moving.value = true;
    refused.clear();
    let done = 0;
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const answer = await data(api.POST("/api/inbound/bulk", { body: { ids: ids.slice(at, at + AT_ONCE), do: deed } }));
        done += answer.done.length;
        for (const { entry, detail } of answer.refused) refused.set(entry, detail);
      }
      announce(t(`held.done.${deed}`, { count: done }));
    } catch (problem) {
      alarm(problem instanceof Problem ? problem.message : t("trouble.refused"));
    } finally {
      moving.value = false;
      for (const key of ["journal", "counters", "health"]) void cache.invalidateQueries({ queryKey: [key] });
    }
  }
  return { move, moving, refused };
}
