/** One ticket with all that is said on it, kept fresh while somebody looks. */
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type MaybeRefOrGetter, toValue } from "vue";
import { api, data, type Schema } from "@/api/client";
import { onHappening } from "@/api/live";
import { useMe } from "@/api/me";

export type Ticket = Schema<"TicketRecord">;
export type Message = Schema<"MessageRecord">;

const LEAVING = 1_500; // ms; no event says that a copy has left

export function useTicket(id: MaybeRefOrGetter<number>) {
  const cache = useQueryClient();
  const { data: ticket, failureReason } = useQuery({
    queryKey: ["ticket", id],
    queryFn: () => askTicket(toValue(id)),
    refetchInterval: ({ state }) => (state.data?.messages.some(isLeaving) ? LEAVING : false),
  });
  const { data: opening, failureReason: openingFailed } = useQuery({
    queryKey: ["message", () => ticket.value?.opening_message],
    queryFn: () => askMessage(ticket.value?.opening_message ?? 0),
    enabled: () => ticket.value !== undefined,
  });
  const messages = computed<Message[]>(() => (ticket.value && opening.value ? [opening.value, ...ticket.value.messages] : []));
  onHappening((happening) => {
    if (happening.ticket !== toValue(id)) return;
    for (const part of ["ticket", "timeline", "people", "recipients"]) void cache.invalidateQueries({ queryKey: [part, happening.ticket] });
  });
  const trouble = computed(() => failureReason.value ?? openingFailed.value);
  return { ticket, messages, trouble };
}

/** Asks for a ticket ahead, so that it is there when somebody steps to it. */
export async function prefetchTicket(cache: QueryClient, id: number): Promise<void> {
  const ticket = await cache.fetchQuery({ queryKey: ["ticket", id], queryFn: () => askTicket(id), retry: false });
  await cache.prefetchQuery({ queryKey: ["message", ticket.opening_message], queryFn: () => askMessage(ticket.opening_message) });
}

export function useTimeline(id: MaybeRefOrGetter<number>) {
  return useQuery({
    queryKey: ["timeline", id],
    queryFn: () => data(api.GET("/api/tickets/{ticket_id}/timeline", { params: { path: { ticket_id: toValue(id) } } })),
  });
}

export function usePeople(id: MaybeRefOrGetter<number>) {
  const { staff } = useMe();
  return useQuery({
    queryKey: ["people", id],
    queryFn: () => data(api.GET("/api/tickets/{ticket_id}/people", { params: { path: { ticket_id: toValue(id) } } })),
    enabled: staff,
  });
}

export function useStaff() {
  const { staff } = useMe();
  return useQuery({ queryKey: ["staff"], queryFn: () => data(api.GET("/api/staff")), enabled: staff, staleTime: 5 * 60_000 });
}

function isLeaving({ deliveries }: Message): boolean {
  return deliveries.some(({ state }) => state === "queued" || state === "sending");
}

function askTicket(id: number) {
  return data(api.GET("/api/tickets/{ticket_id}", { params: { path: { ticket_id: id } } }));
}

function askMessage(id: number) {
  return data(api.GET("/api/messages/{message_id}", { params: { path: { message_id: id } } }));
}
