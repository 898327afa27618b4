/** Up to where somebody has read a ticket: a letter that was seen for a second with the window in front is read. */
import { useQueryClient } from "@tanstack/vue-query";
import { type MaybeRefOrGetter, onScopeDispose, toValue, watch } from "vue";
import { api } from "@/api/client";
import { patchRow } from "@/api/lists";
import type { Message } from "@/api/ticket";

const SEEN_FOR = 1_000; // ms

export function useReading(id: MaybeRefOrGetter<number>, messages: MaybeRefOrGetter<Message[]>) {
  const cache = useQueryClient();
  const path = () => ({ params: { path: { ticket_id: toValue(id) } } });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let marked = 0;

  function wait(): void {
    clearTimeout(timer);
    const last = toValue(messages).findLast(({ held_until }) => held_until === null); // what may be taken back is not there yet
    if (last && last.id > marked && document.hasFocus()) timer = setTimeout(() => void mark(last.id), SEEN_FOR);
  }

  async function mark(message: number): Promise<void> {
    const ticket = toValue(id);
    await api.POST("/api/tickets/{ticket_id}/read", { ...path(), body: { message } });
    marked = message;
    patchRow(cache, ticket, { unread: false });
  }

  async function markUnread(): Promise<void> {
    clearTimeout(timer);
    marked = Number.MAX_SAFE_INTEGER; // not read again by being looked at
    const ticket = toValue(id);
    await api.DELETE("/api/tickets/{ticket_id}/read", path());
    patchRow(cache, ticket, { unread: true });
  }

  watch(() => toValue(id), () => (marked = 0), { flush: "sync" });
  watch(() => toValue(messages).at(-1)?.id, wait, { immediate: true });
  window.addEventListener("focus", wait);
  onScopeDispose(() => {
    clearTimeout(timer);
    window.removeEventListener("focus", wait);
  });
  return { markUnread };
}
