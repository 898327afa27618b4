/** Sending, and taking back what has not left yet. */
import { type QueryClient, useQueryClient } from "@tanstack/vue-query";
import { shallowRef } from "vue";
import { api, data, type Schema } from "@/api/client";
import { type Draft, saveAll } from "@/api/draft";
import type { Message } from "@/api/ticket";
import { Problem } from "@/api/problem";
import { alarm } from "@/parts/announce";
import { offerUndo } from "@/parts/undo";
import { t } from "@/words";

export const HOLD = 10; // s that a reply waits before it leaves

/** What was just taken back: the composer of its ticket opens with it. */
export const takenBack = shallowRef<{ ticket: number; draft: Draft } | null>(null);

export function useSending(ticket: number) {
  const cache = useQueryClient();

  /** One key for each press: the same press, sent twice, makes one message. Raises Problem. */
  async function send(body: Schema<"NewMessage">, press: string): Promise<Message> {
    const params = { path: { ticket_id: ticket }, header: { "Idempotency-Key": press } };
    const message = await data(api.POST("/api/tickets/{ticket_id}/new_message", { params, body }));
    if (message.held_until) offerUndo({ words: t("composer.undo.said"), quiet: true, run: () => takeBack(message, cache) });
    refresh(cache, ticket);
    return message;
  }

  return { send, takeBack: (message: Message) => takeBack(message, cache), sendNow: (message: Message) => sendNow(message, cache) };
}

async function takeBack(message: Message, cache: QueryClient): Promise<void> {
  await saveAll(); // what was begun since is put below it there
  try {
    const draft = await data(api.POST("/api/messages/{message_id}/undo", { params: { path: { message_id: message.id } } }));
    takenBack.value = { ticket: message.ticket, draft };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    alarm(problem.status === 409 ? t("composer.undo.late") : problem.message);
  }
  refresh(cache, message.ticket);
}

async function sendNow(message: Message, cache: QueryClient): Promise<void> {
  await data(api.POST("/api/messages/{message_id}/send", { params: { path: { message_id: message.id } } }));
  refresh(cache, message.ticket);
}

function refresh(cache: QueryClient, ticket: number): void {
  for (const part of ["ticket", "timeline", "recipients"]) void cache.invalidateQueries({ queryKey: [part, ticket] });
  void cache.invalidateQueries({ queryKey: ["tickets"] });
}
