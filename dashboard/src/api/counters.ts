/** How many tickets stand in each queue: the server's counters, asked again whenever something happens. */
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { api, data } from "@/api/client";
import { onHappening } from "@/api/live";
import { useMe } from "@/api/me";

const GATHER = 300; // ms: many happenings at once are one question
let asking: ReturnType<typeof setTimeout> | undefined;

export function useCounters() {
  const { staff } = useMe();
  const cache = useQueryClient();
  onHappening(() => {
    asking ??= setTimeout(() => {
      asking = undefined;
      void cache.invalidateQueries({ queryKey: ["counters"] });
    }, GATHER);
  });
  const { data: counters } = useQuery({
    queryKey: ["counters"],
    queryFn: () => data(api.GET("/api/queues")),
    enabled: staff,
  });
  return counters;
}
