/** Which rows are chosen: one by one, a range, or all that are loaded. */
import { computed, type Ref, shallowRef, watch } from "vue";
import type { Row } from "@/api/rows";

export function useChosen(rows: () => Row[], list: Ref<unknown>) {
  const ids = shallowRef<ReadonlySet<number>>(new Set());
  let anchor: number | undefined;
  const chosen = computed(() => rows().filter(({ id }) => ids.value.has(id)));

  function toggle(id: number): void {
    const next = new Set(ids.value);
    if (!next.delete(id)) next.add(id);
    ids.value = next;
    anchor = id;
  }

  /** Chooses everything between the row that was chosen last and this one. */
  function extend(to: number): void {
    anchor ??= to;
    const places = rows().map(({ id }) => id);
    const from = places.indexOf(anchor);
    const end = places.indexOf(to);
    const between = places.slice(Math.min(from < 0 ? end : from, end), Math.max(from, end) + 1);
    ids.value = new Set([...ids.value, ...between]);
  }

  const all = () => (ids.value = new Set(rows().map(({ id }) => id)));
  function clear(): void {
    ids.value = new Set();
    anchor = undefined;
  }
  watch(list, clear);
  return { ids, chosen, toggle, extend, all, clear };
}
