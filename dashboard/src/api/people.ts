/** Who and what can be named: people and tags. Looked up as somebody types, never all at once. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { api, data } from "@/api/client";

/** People by name or address, as typed. */
export function usePeople(typed: Ref<string>, enabled: Ref<boolean>) {
  return useQuery({
    queryKey: ["named", typed],
    queryFn: ({ signal }) => data(api.GET("/api/people", { params: { query: { q: typed.value } }, signal })),
    enabled: computed(() => enabled.value && typed.value !== ""),
    placeholderData: (before) => before,
  });
}

/** Tags that begin so, most used first. */
export function useTags(typed: Ref<string>, enabled: Ref<boolean>) {
  return useQuery({
    queryKey: ["tags", typed],
    queryFn: ({ signal }) => data(api.GET("/api/tags", { params: { query: { q: typed.value } }, signal })),
    enabled,
    placeholderData: (before) => before,
  });
}
