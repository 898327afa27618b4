/** Who gets a reply: computed by the server, changed by hand within what it allows. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type MaybeRefOrGetter, type Ref, toValue } from "vue";
import { api, data } from "@/api/client";
import { useMe } from "@/api/me";

export function useRecipients(ticket: number, enabled: MaybeRefOrGetter<boolean>, chosen: Ref<number[] | null>) {
  const { staff } = useMe();
  const { data: preview, suspense } = useQuery({
    queryKey: ["recipients", ticket],
    queryFn: () => data(api.GET("/api/tickets/{ticket_id}/recipients", { params: { path: { ticket_id: ticket } } })),
    enabled: () => staff.value && toValue(enabled),
    staleTime: 0,
  });
  const all = computed(() => preview.value?.recipients ?? []);
  const isChosen = (id: number) => chosen.value === null || chosen.value.includes(id);
  const getting = computed(() => all.value.filter(({ id, suppressed }) => suppressed === null && isChosen(id)));

  function leaveOut(id: number): void {
    chosen.value = all.value.filter((one) => isChosen(one.id) && one.id !== id).map((one) => one.id);
  }

  function bringBack(id: number): void {
    const next = [...(chosen.value ?? all.value.map((one) => one.id)), id];
    chosen.value = all.value.every((one) => next.includes(one.id)) ? null : next;
  }

  /** Waits until the server has said who gets it. */
  async function known(): Promise<void> {
    if (staff.value && toValue(enabled) && !preview.value) await suspense();
  }

  return { preview, known, all, getting, isChosen, leaveOut, bringBack };
}

export type Recipients = ReturnType<typeof useRecipients>;
