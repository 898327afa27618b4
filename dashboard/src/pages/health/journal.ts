/** The journal of received mail, page by page, how many there are of each state, and what is done with them. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/vue-query";
import { type MaybeRefOrGetter, ref, shallowReactive, toValue } from "vue";
import { api, data, type Schema } from "@/api/client";
import { nextPage } from "@/api/pages";
import { Problem } from "@/api/problem";
import { alarm, announce } from "@/parts/announce";
import { t } from "@/words";

export type Entry = Schema<"JournalEntry">;
export type State = Entry["state"];
/** Read again, or ended without a ticket. */
export type Move = "replay" | "discard";

const OFTEN = 15_000; // ms
const SOON = 1_000; // ms, while a mail is being read
const AT_ONCE = 200; // entries in one request

type Counts = Schema<"StateCounts">;
const STATES = ["journal", "states"] as const;
const pause = (counts: Counts | undefined) => (counts?.accepted ? SOON : OFTEN);

export function useJournal(state: MaybeRefOrGetter<State | undefined>) {
  const cache = useQueryClient();
  return useInfiniteQuery({
    queryKey: ["journal", state],
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam }) => {
      const query = { limit: 50, state: toValue(state), after: pageParam };
      const { data: entries = [], response } = await api.GET("/api/inbound", { params: { query } });
      const next = nextPage(response);
      return { entries, next: next === undefined ? undefined : Number(next) };
    },
    getNextPageParam: (page) => page.next,
    refetchInterval: () => pause(cache.getQueryData(STATES)),
  });
}

export function useJournalStates() {
  return useQuery({ queryKey: STATES, queryFn: () => data(api.GET("/api/inbound/states")), refetchInterval: ({ state }) => pause(state.data) });
}

/** `refused`: why entries were not moved by the last press, by their ids. */
export function useJournalMoves() {
  const cache = useQueryClient();
  const moving = ref(false);
  const refused = shallowReactive(new Map<number, string>());

  async function move(ids: readonly number[], deed: Move): Promise<void> {
    moving.value = true;
    refused.clear();
    const left = new Set(ids);
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const answer = await data(api.POST("/api/inbound/bulk", { body: { ids: ids.slice(at, at + AT_ONCE), do: deed } }));
        for (const id of answer.done) left.delete(id);
        for (const { entry, detail } of answer.refused) refused.set(entry, detail);
      }
      announce(t(`held.done.${deed}`, { count: ids.length - left.size }));
    } catch (problem) {
      const why = problem instanceof Problem && problem.status > 0 ? problem.message : t("change.away");
      for (const id of left) refused.set(id, why);
      alarm(why);
    } finally {
      moving.value = false;
      for (const key of ["journal", "counters", "health"]) void cache.invalidateQueries({ queryKey: [key] });
    }
  }
  return { move, moving, refused };
}
