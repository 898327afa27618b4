/** Is mail flowing? Asked every half minute, and when something happens. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { api, data } from "@/api/client";
import { useMe } from "@/api/me";

const OFTEN = 30_000; // ms

export type Verdict = "flowing" | "slow" | "away";

export function useMailHealth() {
  const { staff } = useMe();
  const { data: health, dataUpdatedAt, failureReason: trouble } = useQuery({
    queryKey: ["health"],
    queryFn: () => data(api.GET("/api/health/mail")),
    refetchInterval: OFTEN,
    enabled: staff,
  });
  const verdict = computed<Verdict>(() => {
    if (health.value?.parts.some((part) => !part.ok)) return "away";
    return health.value && (health.value.deferred_long > 0 || !health.value.usual) ? "slow" : "flowing";
  });
  const asOf = computed(() => dataUpdatedAt.value && new Date(dataUpdatedAt.value).toISOString());
  return { health, verdict, asOf, trouble };
}
