/** What a refused request says (RFC 9457). */
export interface ProblemDocument {
  status: number;
  title: string;
  detail?: string;
  errors?: { field: string; message: string; at?: [number, number] }[];
}

/** A request that was refused, or that nobody answered (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly document: ProblemDocument & Record<string, unknown>;
  /** Seconds until it may be tried again, where the server says so. */
  readonly retryAfter: number | null;

  constructor(document: ProblemDocument & Record<string, unknown>, retryAfter: number | null = null) {
    super(document.detail ?? document.title);
    this.name = "Problem";
    this.status = document.status;
    this.document = document;
    this.retryAfter = retryAfter;
  }

  /** What is wrong with one field of the request. */
  of(field: string): string | undefined {
    return this.document.errors?.find((error) => error.field === field)?.message;
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  const after = Number(answer.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(after) && after > 0 ? after : null;
  const document: unknown = await answer.json().catch(() => null);
  return new Problem(isDocument(document) ? document : { status: answer.status, title: answer.statusText }, retryAfter);
}

export function away(): Problem {
  return new Problem({ status: 0, title: "No connection" });
}

function isDocument(found: unknown): found is ProblemDocument & Record<string, unknown> {
  return typeof found === "object" && found !== null && "status" in found && "title" in found;
}
