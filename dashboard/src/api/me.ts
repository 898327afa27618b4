/** Whoever is signed in. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { api, data } from "@/api/client";

export function useMe() {
  const { data: me } = useQuery({ queryKey: ["me"], queryFn: () => data(api.GET("/api/users/me")), staleTime: Infinity });
  const staff = computed(() => me.value !== undefined && me.value.role !== "customer");
  const admin = computed(() => me.value?.role === "admin");
  return { me, staff, admin };
}
