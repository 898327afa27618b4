/** A ticket as a row of a list, and which list it stands in where. Pure. */
import type { Schema } from "@/api/client";
import type { paths } from "@/api/schema";

export type Row = Schema<"TicketSummary">;
export type Person = Schema<"Person">;

type Asked = NonNullable<paths["/api/tickets"]["get"]["parameters"]["query"]>;
/** What a list has, and in which order. */
export type Wanted = { [Choice in "queue" | "turn" | "status" | "assignee" | "sort" | "q"]?: NonNullable<Asked[Choice]> };
export type Sort = NonNullable<Wanted["sort"]>;

export interface RowPage {
  rows: Row[];
  /** Where the next page begins; undefined on the last one. */
  next?: string;
  /** The last row as it was when the page came: what sorts after it lies on a later page. */
  end?: Row;
  /** ms that the answer took. */
  took: number;
}

/** Whether a ticket, as it is now, still belongs to a list. Words that were searched for are the server's to judge. */
export function belongs(row: Row, { queue, turn, status }: Wanted, me: number | undefined): boolean {
  if (turn && row.turn !== turn) return false;
  if (status && row.status !== status) return false;
  if (queue === "mine") return row.status === "AC" && row.assignee?.id === me;
  if (queue === "unassigned") return row.status === "AC" && row.assignee === null;
  return queue === undefined || row.status === { active: "AC", frozen: "FR", closed: "CL" }[queue];
}

/** The loaded rows in the server's order, each once. What a later page would have first is left to it. */
export function inOrder(pages: readonly RowPage[], sort: Sort = "activity"): Row[] {
  const rows = new Map(pages.flatMap((page) => page.rows).map((row) => [row.id, row]));
  const last = pages.at(-1);
  const end = last?.next === undefined ? undefined : last.end;
  const loaded = [...rows.values()].filter((row) => end === undefined || compare(row, end, sort) <= 0);
  return loaded.sort((one, other) => compare(one, other, sort));
}

/** The pages with one row as it is now, or without it. */
export function withRow(pages: readonly RowPage[], id: number, row: Row | undefined): RowPage[] {
  const known = pages.some((page) => page.rows.some((one) => one.id === id));
  return pages.map((page, index) => {
    if (row && !known && index === 0) return { ...page, rows: [row, ...page.rows] };
    if (row) return { ...page, rows: page.rows.map((one) => (one.id === id ? row : one)) };
    return { ...page, rows: page.rows.filter((one) => one.id !== id) };
  });
}

/** What decides a row's place: where it differs, the row has moved. */
export function placeOf(row: Row, sort: Sort = "activity"): string {
  if (sort === "activity") return row.updated_at;
  return sort === "waiting" ? `${row.turn} ${row.waiting_since}` : "";
}

function compare(one: Row, other: Row, sort: Sort): number {
  if (sort === "activity") return byText(other.updated_at, one.updated_at) || other.id - one.id;
  if (sort === "oldest") return one.id - other.id;
  return Number(one.turn === "them") - Number(other.turn === "them") || byText(one.waiting_since, other.waiting_since) || one.id - other.id;
}

/** Times of the API are all of one length, so they sort as text. */
function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
