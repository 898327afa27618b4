/** Lists of tickets, page by page. What happens is asked ticket by ticket and put into the list that is looked at. */
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/vue-query";
import { onScopeDispose, type Ref } from "vue";
import { api } from "@/api/client";
import { onHappening } from "@/api/live";
import { nextPage } from "@/api/pages";
import { type Row, type RowPage, type Wanted, withRow } from "@/api/rows";

const PAGE = 50;
const GATHER = 250; // ms: what happens at once is asked at once
const MANY = 12; // tickets that changed: past that the whole list is asked again

const LISTS = ["tickets", "list"] as const;
export const listKey = (wanted: Wanted) => [...LISTS, wanted] as const;

type Pages = InfiniteData<RowPage, string | undefined>;

/** @param keep Whether the list before stays until this one is there. */
export function useTickets(wanted: Ref<Wanted>, enabled: Ref<boolean>, keep = false) {
  return useInfiniteQuery(() => {
    const asked = wanted.value;
    return {
      queryKey: listKey(asked),
      queryFn: ({ pageParam, signal }) => loadPage(asked, { after: pageParam, signal }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ next }: RowPage) => next,
      enabled: enabled.value,
      placeholderData: keep ? (before?: Pages) => before : undefined,
      refetchOnMount: "always",
      refetchOnWindowFocus: false, // what happens meanwhile is told
    };
  });
}

export async function loadPage(wanted: Wanted, { after, limit = PAGE, signal }: { after?: string; limit?: number; signal?: AbortSignal } = {}): Promise<RowPage> {
  const query = { ...wanted, after, limit, view: "summary" };
  const asked = performance.now();
  const { data: rows = [], response } = await api.GET("/api/tickets", { params: { query }, signal });
  return { rows, next: nextPage(response), end: rows.at(-1), took: performance.now() - asked };
}

/** Keeps a list true while the component lives. */
export function useFreshRows(wanted: Ref<Wanted>): void {
  const cache = useQueryClient();
  const changed = new Set<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onHappening(({ ticket }) => {
    changed.add(ticket);
    timer ??= setTimeout(ask, GATHER);
  });
  onScopeDispose(() => clearTimeout(timer));

  function ask(): void {
    const tickets = [...changed];
    changed.clear();
    timer = undefined;
    if (wanted.value.q || tickets.length > MANY) void cache.invalidateQueries({ queryKey: listKey(wanted.value), exact: true });
    else for (const ticket of tickets) void freshen(cache, wanted.value, ticket).catch(() => undefined);
  }
}

/** Puts rows as they are known to be into every list that has them. */
export function putRows(cache: QueryClient, rows: readonly Row[]): void {
  cache.setQueriesData<Pages>({ queryKey: LISTS }, (held) => {
    if (!held) return held;
    const has = (id: number) => held.pages.some((page) => page.rows.some((row) => row.id === id));
    const mine = rows.filter(({ id }) => has(id));
    return mine.length ? { ...held, pages: mine.reduce((pages, row) => withRow(pages, row.id, row), held.pages) } : held;
  });
}

/** Changes what lists say of one ticket: at once, before the server is asked. */
export function patchRow(cache: QueryClient, ticket: number, patch: Partial<Row>): void {
  const held = cache.getQueriesData<Pages>({ queryKey: LISTS }).flatMap(([, list]) => list?.pages ?? []);
  const row = held.flatMap((page) => page.rows).find(({ id }) => id === ticket);
  if (row) putRows(cache, [{ ...row, ...patch }]);
}

/** One ticket as this list has it now, if it does. */
async function freshen(cache: QueryClient, wanted: Wanted, ticket: number): Promise<void> {
  const { rows } = await loadPage({ ...wanted, sort: "activity", q: `#${ticket}` });
  const row = rows.find(({ id }) => id === ticket);
  cache.setQueryData<Pages>(listKey(wanted), (held) => held && { ...held, pages: withRow(held.pages, ticket, row && { ...row, hit: null, title_marks: null }) });
}
