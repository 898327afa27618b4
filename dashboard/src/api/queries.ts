/** One cache for all pages: what was seen is shown at once, and asked again. */
import { QueryClient, type QueryKey } from "@tanstack/vue-query";
import { Problem } from "@/api/problem";

const TRY_AGAIN = 8_000; // ms, as the page says

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      // A refusal is an answer; silence is asked again.
      retry: (tries, error) => !(error instanceof Problem && error.status >= 400 && error.status < 500) && tries < 100,
      retryDelay: TRY_AGAIN,
      refetchOnWindowFocus: true,
    },
  },
});

/** Asks at once for what waits to be asked again. */
export async function askNow(queryKey: QueryKey): Promise<void> {
  await queryClient.cancelQueries({ queryKey });
  await queryClient.refetchQueries({ queryKey });
}
