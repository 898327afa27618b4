/** Changes of one ticket or many: seen at once, asked of the server, taken back by Z; what is refused says why. */
import { useQueryClient } from "@tanstack/vue-query";
import { shallowReactive } from "vue";
import { api, data, type Schema } from "@/api/client";
import { putRows } from "@/api/lists";
import { Problem } from "@/api/problem";
import type { Person, Row } from "@/api/rows";
import { alarm } from "@/parts/announce";
import { offerUndo } from "@/parts/undo";
import { t } from "@/words";

const AT_ONCE = 200; // tickets in one request
const HOLD = 10; // s that status mails wait, so that they can be taken back

export interface Change {
  status?: Schema<"Status">;
  assignee?: Person | null;
  priority?: Schema<"Priority">;
  add_tags?: string[];
  remove_tags?: string[];
}

/** Why the last change of a ticket was not taken, by its id. */
export const refusals = shallowReactive(new Map<number, string>());

export function useChanges() {
  const cache = useQueryClient();

  /** @param said What was done, of a number of tickets. */
  async function change(rows: readonly Row[], wanted: Change, said: (count: number) => string): Promise<void> {
    const before = new Map(rows.map((row) => [row.id, row]));
    const back = (tickets: readonly number[]) => putRows(cache, tickets.flatMap((id) => before.get(id) ?? []));
    refusals.clear();
    putRows(cache, rows.map((row) => changed(row, wanted)));
    const undos: string[] = [];
    const done: number[] = [];
    for (const tickets of batches([...before.keys()])) {
      const answer = await ask(tickets, wanted);
      back(answer.refused.map(({ ticket }) => ticket));
      for (const { ticket, detail } of answer.refused) refusals.set(ticket, detail);
      done.push(...answer.done);
      if (answer.undo) undos.push(answer.undo);
    }
    if (refusals.size) alarm(t("change.refused", { count: refusals.size }));
    for (const id of done) void cache.invalidateQueries({ queryKey: ["ticket", id] });
    if (undos.length) offerUndo({ words: said(done.length), run: () => takeBack(undos, back) });
  }

  async function takeBack(undos: readonly string[], back: (tickets: readonly number[]) => void): Promise<void> {
    for (const undo of undos) {
      try {
        const { done, refused } = await data(api.POST("/api/tickets/bulk/{change}/undo", { params: { path: { change: undo } } }));
        back(done);
        for (const { ticket, detail } of refused) refusals.set(ticket, detail);
        for (const id of done) void cache.invalidateQueries({ queryKey: ["ticket", id] });
      } catch (problem) {
        alarm(wordsOf(problem));
      }
    }
  }

  return { change };
}

/** How many people a change would tell by mail. */
export async function tells(tickets: readonly number[], wanted: Change): Promise<number> {
  const asked = batches(tickets).map((some) => data(api.POST("/api/tickets/bulk", { body: spoken(some, wanted, true) })));
  return (await Promise.all(asked)).reduce((sum, answer) => sum + answer.tells, 0);
}

/** The answer to one request; where none came, all its tickets are refused. */
async function ask(tickets: readonly number[], wanted: Change) {
  try {
    return await data(api.POST("/api/tickets/bulk", { body: spoken(tickets, wanted) }));
  } catch (problem) {
    const detail = wordsOf(problem);
    return { undo: null, done: [], refused: tickets.map((ticket) => ({ ticket, detail })), tells: 0 };
  }
}

/** A change as the server is asked for it. */
export function spoken(tickets: readonly number[], { assignee, ...rest }: Change, dry_run = false) {
  const given = assignee === undefined ? {} : { assignee: assignee?.id ?? null };
  return { tickets: [...tickets], add_tags: [], remove_tags: [], hold_seconds: rest.status ? HOLD : 0, dry_run, ...rest, ...given };
}

/** A row as it will be. */
function changed(row: Row, { add_tags = [], remove_tags = [], ...rest }: Change): Row {
  const tags = [...new Set([...row.tags, ...add_tags])].filter((tag) => !remove_tags.includes(tag)).sort();
  return { ...row, ...rest, tags };
}

function batches(tickets: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(tickets.length / AT_ONCE) }, (_, at) => tickets.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}

function wordsOf(problem: unknown): string {
  return problem instanceof Problem && problem.status > 0 ? problem.message : t("change.away");
}
