/** What the press of Send does, and all that may stand in its way. */
import { computed, ref } from "vue";
import type { useDraft, Kind } from "@/api/draft";
import { Problem } from "@/api/problem";
import type { Recipients } from "@/api/recipients";
import { HOLD, useSending } from "@/api/sending";
import type { Message, Ticket } from "@/api/ticket";
import type { useUploads } from "@/api/uploads";
import { speaksOfFile } from "@/pages/composer/forgotten";
import { alarm, announce } from "@/parts/announce";
import { t } from "@/words";

export interface Setting {
  kind: Kind;
  draft: ReturnType<typeof useDraft>;
  ticket: Ticket;
  messages: () => Message[];
  recipients: Recipients;
  uploads: ReturnType<typeof useUploads>;
  staff: boolean;
  done: () => void;
}

export function usePress({ kind, draft, ticket, messages, recipients, uploads, staff, done }: Setting) {
  const { send } = useSending(ticket.id);
  const busy = ref(false);
  const refused = ref<Problem | null>(null);
  const newer = ref<Message | null>(null);
  const forgotten = ref(false);
  /** The newest letter that stood here when the composer was opened, or that somebody chose to answer over. */
  const seen = ref(messages().at(-1)?.id ?? null);
  let wanted: Ticket["status"] | null = null;
  let key = crypto.randomUUID();

  const readers = computed(() => recipients.getting.value.length);
  const uploading = computed(() => [...uploads.going.values()].filter(({ failed }) => failed === null));
  const can = computed(() => !busy.value && !draft.isEmpty.value && uploading.value.length === 0 && draft.state.value !== "conflict" && newer.value === null && (kind === "note" || !staff || readers.value > 0));

  /** @param status To be set with it. @param sure What was asked has been answered. */
  async function go(status: Ticket["status"] | null, sure = false): Promise<void> {
    await recipients.known(); // a quick hand presses before they stand there
    if (!can.value) return;
    wanted = status;
    forgotten.value = !sure && kind === "reply" && draft.content.value.files.length === 0 && speaksOfFile(draft.content.value.text);
    if (forgotten.value) return;
    busy.value = true;
    refused.value = null;
    try {
      await draft.save();
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

  function body(status: Ticket["status"] | null) {
    const { text, files, in_answer_to } = draft.content.value;
    const chosen = draft.content.value.recipients;
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
    if (andSend) void go(wanted, true);
  }

  return { go, can, busy, refused, newer, forgotten, readers, uploading, goOver, sendAnyway: () => void go(wanted, true) };
}

export type Press = ReturnType<typeof usePress>;
