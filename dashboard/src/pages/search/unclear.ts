/** Which operator the server could not make sense of, and what it would have taken. */
import { Problem } from "@/api/problem";

export function unclear(problem: unknown): { at: number; hint: string } | undefined {
  if (!(problem instanceof Problem) || problem.status !== 422) return undefined;
  const error = problem.document.errors?.find(({ field }) => field === "q");
  return error && { at: error.at?.[0] ?? 0, hint: error.message };
}
