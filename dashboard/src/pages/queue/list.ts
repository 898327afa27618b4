/** A list as it is shown: loaded page by page, kept true, in an order that disturbs nobody, with what is chosen in it. */
import { computed, reactive, type Ref } from "vue";
import { listKey, useFreshRows, useTickets } from "@/api/lists";
import { useMe } from "@/api/me";
import { askNow } from "@/api/queries";
import { belongs, inOrder, type Wanted } from "@/api/rows";
import { useChosen } from "@/pages/queue/chosen";
import { useLate } from "@/pages/queue/late";
import { useSettled } from "@/pages/queue/settled";

const MOST = 1000; // rows that "all here" loads

/** @param found Whether it is what a search found: asked again when asked for, and kept until the next answer. */
export function useList(wanted: Ref<Wanted>, found = false) {
  const { me } = useMe();
  const known = computed(() => me.value !== undefined);
  const query = useTickets(wanted, known, found);
  if (!found) useFreshRows(wanted);

  const key = computed(() => JSON.stringify(wanted.value));
  const sort = computed(() => wanted.value.sort ?? "activity");
  const loaded = computed(() => inOrder(query.data.value?.pages ?? [], sort.value));
  const rows = computed(() => loaded.value.filter((row) => belongs(row, wanted.value, me.value?.id)));
  const hand = reactive({ pointed: false, scrolled: false });
  const chosen = useChosen(() => settled.shown.value, key);
  const disturbed = computed(() => ({ ...hand, chosen: chosen.ids.value.size > 0 }));
  const settled = useSettled(rows, sort, key, disturbed);
  const slow = useLate(query.isPending);

  const state = computed(() => {
    if (query.failureReason.value && !query.data.value) return "trouble";
    if (query.isPending.value) return slow.value ? "loading" : "quiet";
    return settled.shown.value.length ? "rows" : "empty";
  });
  const more = computed(() => query.hasNextPage.value && !query.isFetchNextPageError.value);

  async function loadMore(): Promise<void> {
    if (query.hasNextPage.value && !query.isFetching.value) await query.fetchNextPage();
  }

  /** Loads what is still missing, up to a thousand, and chooses all of it. */
  async function chooseAll(): Promise<void> {
    while (query.hasNextPage.value && rows.value.length < MOST && !(await query.fetchNextPage()).isError);
    settled.letIn();
    chosen.all();
  }

  const tryNow = () => askNow(listKey(wanted.value));

  /** Counts of a list that was seen before are dim until they are fresh. */
  const stale = computed(() => query.isFetching.value && !query.isFetchingNextPage.value);
  const took = computed(() => query.data.value?.pages[0]?.took ?? 0);
  return { ...settled, took, key, chosen, hand, state, stale, more, loadMore, chooseAll, tryNow, trouble: query.failureReason };
}
