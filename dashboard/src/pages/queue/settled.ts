/**
 * The order in which a list is shown. It follows the true one only while nobody would be disturbed: a row must not slip
 * away under a pointer or a key. What waits meanwhile is counted, and let in by a press.
 */
import { computed, onScopeDispose, ref, type Ref, shallowRef, watch } from "vue";
import { placeOf, type Row, type Sort } from "@/api/rows";

const KEYS_MOVED = 2_000; // ms
const ARRIVING = 1_500; // ms that a row is shown as just come

interface Shown {
  row: Row;
  place: string;
}

export interface Disturbed {
  pointed: boolean;
  scrolled: boolean;
  chosen: boolean;
}

/**
 * @param rows The true order.
 * @param list What list it is: another one is shown at once.
 */
export function useSettled(rows: Ref<Row[]>, sort: Ref<Sort>, list: Ref<unknown>, disturbed: Ref<Disturbed>) {
  const order = shallowRef<Shown[]>([]);
  const arriving = shallowRef<ReadonlySet<number>>(new Set());
  const { moved, keyMoved } = useMoved();
  let arrived: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(arrived));

  const busy = computed(() => moved.value || Object.values(disturbed.value).some(Boolean));
  const places = computed(() => new Map(order.value.map(({ row, place }) => [row.id, place])));
  const current = computed(() => new Map(rows.value.map((row) => [row.id, row])));
  /** Rows as they are now, in the order that is kept; what has left the list stays until nobody is disturbed. */
  const shown = computed(() => order.value.map(({ row }) => current.value.get(row.id) ?? row));
  const leaving = computed(() => new Set(order.value.map(({ row }) => row.id).filter((id) => !current.value.has(id))));
  const waiting = computed(() => rows.value.filter((row) => places.value.get(row.id) !== placeOf(row, sort.value)));

  function letIn(): void {
    const known = places.value;
    const come = waiting.value.map(({ id }) => id);
    order.value = rows.value.map((row) => ({ row, place: placeOf(row, sort.value) }));
    if (!known.size || !come.length) return;
    arriving.value = new Set(come);
    clearTimeout(arrived);
    arrived = setTimeout(() => (arriving.value = new Set()), ARRIVING);
  }

  /** Rows that a further page brought stand below all others, and disturb nobody. */
  function append(): void {
    const last = rows.value.findLastIndex((row) => places.value.has(row.id));
    const below = rows.value.slice(last + 1).filter((row) => !places.value.has(row.id));
    if (below.length) order.value = [...order.value, ...below.map((row) => ({ row, place: placeOf(row, sort.value) }))];
  }

  watch(list, () => (order.value = []), { flush: "sync" });
  watch(
    [rows, busy],
    () => {
      if (!busy.value || !order.value.length) letIn();
      else append();
    },
    { immediate: true },
  );
  return { shown, news: computed(() => waiting.value.length), letIn, arriving, leaving, keyMoved };
}

/** Whether keys moved within the last two seconds. */
function useMoved() {
  const moved = ref(false);
  let still: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(still));
  function keyMoved(): void {
    moved.value = true;
    clearTimeout(still);
    still = setTimeout(() => (moved.value = false), KEYS_MOVED);
  }
  return { moved, keyMoved };
}
