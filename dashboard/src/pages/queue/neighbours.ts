/** The tickets before and after the open one are asked for ahead: a step is a look, and no wait. */
import { useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose, type Ref, watch } from "vue";
import type { Row } from "@/api/rows";
import { prefetchTicket } from "@/api/ticket";

const AFTER = 300; // ms: the open ticket comes first

export function useNeighbours(open: () => number | undefined, rows: Ref<Row[]>): void {
  const cache = useQueryClient();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(timer));
  watch(
    open,
    (id) => {
      clearTimeout(timer);
      if (id !== undefined) timer = setTimeout(() => ask(id), AFTER);
    },
    { immediate: true },
  );

  function ask(id: number): void {
    const place = rows.value.findIndex((row) => row.id === id);
    if (place < 0) return;
    for (const row of [rows.value[place + 1], rows.value[place - 1]]) if (row) void prefetchTicket(cache, row.id).catch(() => undefined);
  }
}
