/** The journal of received mail, page by page, and what a person may do with an entry. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import { type MaybeRefOrGetter, toValue } from "vue";
import { api, data, type Schema } from "@/api/client";
import { nextPage } from "@/api/pages";

export type Entry = Schema<"JournalEntry">;
export type State = Entry["state"];

const OFTEN = 15_000; // ms

export function useJournal(state: MaybeRefOrGetter<State | undefined>) {
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
    refetchInterval: OFTEN,
  });
}

export function useJournalStates() {
  return useQuery({ queryKey: ["journal", "states"], queryFn: () => data(api.GET("/api/inbound/states")) });
}

/** Replays or discards entries; what the server refuses is thrown. */
export function useJournalMoves() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, move }: { id: number; move: "replay" | "discard" }) =>
      data(
        move === "replay"
          ? api.POST("/api/inbound/{entry_id}/replay", { params: { path: { entry_id: id } } })
          : api.POST("/api/inbound/{entry_id}/discard", { params: { path: { entry_id: id } } }),
      ),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: ["journal"] });
      void cache.invalidateQueries({ queryKey: ["health"] });
      void cache.invalidateQueries({ queryKey: ["counters"] });
    },
  });
}
