/** Who takes part, changed: the panel, the addresses of an answer and the timeline follow. */
import { useMutation, useQueryClient } from "@tanstack/vue-query";
import { api } from "@/api/client";

export function useFresh(ticket: () => number) {
  const cache = useQueryClient();
  return () => {
    for (const part of ["people", "timeline", "recipients"]) void cache.invalidateQueries({ queryKey: [part, ticket()] });
  };
}

/** Takes a person off the ticket, by their id. */
export function useRemoval(ticket: () => number) {
  const { mutate: remove, error } = useMutation({
    mutationFn: (user_id: number) => api.DELETE("/api/tickets/{ticket_id}/participants/{user_id}", { params: { path: { ticket_id: ticket(), user_id } } }),
    onSettled: useFresh(ticket),
  });
  return { remove, error };
}
