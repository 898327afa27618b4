/** What the press of Send does, and all that may stand in its way. */
import { computed, ref } from "vue";
import type { useDraft, Kind } from "@/api/draft";
import { Problem } from "@/api/problem";
import type { Recipients } from "@/api/recipients";
import { HOLD, useSending } from "@/api/sending";
import type { Message, Ticket } from "@/api/ticket";
import { speaksOfFile } from "@/pages/composer/forgotten";
import { alarm, announce } from "@/parts/announce";
import { t } from "@/words";

export interface Setting {
  kind: Kind;
  draft: ReturnType<typeof useDraft>;
  ticket: Ticket;
  messages: () => Message[];
  recipients: Recipients;
  staff: boolean;
  done: () => void;
}

/** What is asked before a reply leaves, each once. */
type Question = "note" | "file";
const READ = 600; // ms between two presses until the second one answers a question

export function usePress({ kind, draft, ticket, messages, recipients, staff, done }: Setting) {
  const { send } = useSending(ticket.id);
  const busy = ref(false);
  const refused = ref<Problem | null>(null);
  const newer = ref<Message | null>(null);
  const asking = ref<Question | null>(null);
  /** The newest letter that stood here when the composer was opened, or that somebody chose to answer over. */
  const seen = ref(messages().at(-1)?.id ?? null);
  let wanted: Ticket["status"] | null = null;
  let key = crypto.randomUUID();
  let askedAt = 0;
  const asked = new Set<Question>();

  const readers = computed(() => recipients.getting.value.length);
  const uploading = computed(() => [...draft.uploads.going.values()].filter(({ failed }) => failed === null));
  const can = computed(() => !busy.value && !draft.isEmpty.value && uploading.value.length === 0 && draft.state.value !== "conflict" && newer.value === null && (kind === "note" || !staff || readers.value > 0));

  /** @param status To be set with it. */
  async function go(status: Ticket["status"] | null): Promise<void> {
    await recipients.known(); // a quick hand presses before they stand there
    if (!can.value || isUnread()) return;
    wanted = status;
    asking.value = questions().find((one) => !asked.has(one)) ?? null;
    if (asking.value) return ask(asking.value);
    const lost = refused.value?.status === 0; // it may be there: its key says so
    busy.value = true;
    refused.value = null;
    try {
      await draft.save();
      if (draft.state.value === "conflict" && !lost) return;
      await send(body(status), key);
      key = crypto.randomUUID();
      draft.end();
      announce(kind === "note" ? t("composer.noteSaved") : t("composer.sent"));
      done();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      refuse(problem);
    } finally {
      busy.value = false;
    }
  }

  function questions(): Question[] {
    if (kind === "note") return [];
    const { files, text } = draft.content.value;
    return [...(draft.wasNote.value ? ["note" as const] : []), ...(files.length === 0 && speaksOfFile(text) ? ["file" as const] : [])];
  }

  function ask(question: Question): void {
    asked.add(question);
    askedAt = performance.now();
  }

  /** Whether nobody can have read what is asked yet: a key that is held down does not answer it. */
  function isUnread(): boolean {
    if (!asking.value || performance.now() - askedAt >= READ) return false;
    askedAt = performance.now();
    return true;
  }

  function body(status: Ticket["status"] | null) {
    const { text, files, in_answer_to } = draft.content.value;
    const chosen = recipients.all.value.filter(({ id }) => recipients.isChosen(id)).map(({ id }) => id); // as it was shown, and nobody else
    const forAll = { text, format: "markdown" as const, files: files.map(({ id }) => id) };
    if (kind === "note") return { ...forAll, internal: true };
    if (!staff) return forAll;
    return { ...forAll, internal: false, in_answer_to, seen: seen.value, recipients: chosen, set_status: status, hold_seconds: HOLD };
  }

  function refuse(problem: Problem): void {
    const found = problem.document.message as Message | undefined;
    if (problem.status === 409 && found) newer.value = found;
    else refused.value = problem;
    alarm(problem.message);
    if (problem.status !== 0) key = crypto.randomUUID(); // what was refused is changed before it is sent again
  }

  /** Somebody read the newer letter, or sends all the same. */
  function goOver(andSend: boolean): void {
    seen.value = newer.value?.id ?? seen.value;
    newer.value = null;
    if (andSend) void go(wanted);
  }

  /** A press of the question's own button. */
  function sendAnyway(): void {
    askedAt = -Infinity; // it was read; a page of half a second's age has no older time
    void go(wanted);
  }

  return { go, can, busy, refused, newer, asking, readers, uploading, goOver, sendAnyway };
}

export type Press = ReturnType<typeof usePress>;
