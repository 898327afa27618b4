/**
 * What somebody has written and not yet sent. It is on the server within a second, or on this device until it can be;
 * the same draft in two tabs, or on two computers, is never overwritten silently.
 */
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { api, data, type Schema } from "@/api/client";
import { Problem } from "@/api/problem";

export type Draft = Schema<"DraftRecord">;
export type Kind = Draft["kind"];
type Content = Pick<Draft, "text" | "recipients" | "files" | "set_status" | "in_answer_to">;
export type DraftState = "empty" | "saving" | "kept" | "device" | "conflict";

const PAUSE = 600; // ms without a key before it is saved
const AGAIN = 8_000; // ms until it is tried again where nobody answered
const EMPTY: Content = { text: "", recipients: null, files: [], set_status: null, in_answer_to: null };

export function useDraft(ticket: number, kind: Kind) {
  const content = ref<Content>({ ...EMPTY });
  const state = ref<DraftState>("empty");
  const keptAt = ref<string | null>(null);
  const theirs = shallowRef<Draft | null>(null);
  const path = { params: { path: { ticket_id: ticket, kind } } };
  const place = `desk.draft.${ticket}.${kind}`;
  let version = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving: Promise<void> = Promise.resolve();
  let ended = false;

  /** Takes up what was written before. */
  async function load(): Promise<void> {
    const drafts = await data(api.GET("/api/tickets/{ticket_id}/drafts", { params: path.params })).catch(() => []);
    const found = drafts.find((draft) => draft.kind === kind);
    if (found) take(found);
    const onDevice = localStorage.getItem(place);
    if (onDevice === null || onDevice === content.value.text) return;
    content.value = { ...content.value, text: onDevice };
    changed();
  }

  /** Shows a draft as the server has it. */
  function take(draft: Draft): void {
    const { text, recipients, files, set_status, in_answer_to } = draft;
    content.value = { text, recipients, files, set_status, in_answer_to };
    version = draft.version;
    keptAt.value = draft.updated_at;
    state.value = "kept";
    theirs.value = null;
    ended = false;
  }

  function changed(): void {
    localStorage.setItem(place, content.value.text);
    if (state.value === "conflict") return;
    state.value = "saving";
    clearTimeout(timer);
    timer = setTimeout(() => void save(), PAUSE);
  }

  /** Saves at once, one request after the other. */
  function save(): Promise<void> {
    clearTimeout(timer);
    saving = saving.then(put);
    return saving;
  }

  async function put(): Promise<void> {
    if (ended || state.value === "conflict") return;
    const { files, ...rest } = content.value;
    try {
      const kept = await data(api.PUT("/api/tickets/{ticket_id}/drafts/{kind}", { ...path, body: { ...rest, version, files: files.map(({ id }) => id) } }));
      version = kept.version;
      keptAt.value = kept.updated_at;
      state.value = "kept";
      localStorage.removeItem(place);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status === 409) conflict(problem);
      else later();
    }
  }

  function conflict(problem: Problem): void {
    theirs.value = (problem.document.draft as Draft | undefined) ?? null;
    state.value = "conflict";
  }

  function later(): void {
    state.value = "device";
    clearTimeout(timer);
    timer = setTimeout(() => void save(), AGAIN);
  }

  function takeTheirs(): void {
    if (theirs.value) take(theirs.value);
    localStorage.removeItem(place);
  }

  function keepMine(): void {
    version = theirs.value?.version ?? 0;
    theirs.value = null;
    state.value = "saving";
    void save();
  }

  /** Forgets it here: it was sent, and the server has ended it. */
  function end(): void {
    ended = true;
    clearTimeout(timer);
    localStorage.removeItem(place);
    content.value = { ...EMPTY };
    version = 0;
    state.value = "empty";
    keptAt.value = null;
  }

  async function discard(): Promise<void> {
    end();
    await saving;
    await api.DELETE("/api/tickets/{ticket_id}/drafts/{kind}", path).catch(() => undefined);
    ended = false;
  }

  onScopeDispose(() => {
    if (state.value === "saving") void save();
    clearTimeout(timer);
  });
  const isEmpty = computed(() => !content.value.text.trim() && content.value.files.length === 0);
  return { content, state, keptAt, theirs, isEmpty, load, take, changed, save, takeTheirs, keepMine, end, discard };
}
