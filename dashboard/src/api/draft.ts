/**
 * What somebody has written and not yet sent. It is on the server within a second, or on this device until it can be;
 * the same draft in two tabs, or on two computers, is never overwritten silently.
 */
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { api, data, type Schema } from "@/api/client";
import { useMe } from "@/api/me";
import { onDevice } from "@/api/onDevice";
import { Problem } from "@/api/problem";
import { useUploads } from "@/api/uploads";

export type Draft = Schema<"DraftRecord">;
export type Kind = Draft["kind"];
export type Content = Pick<Draft, "text" | "recipients" | "files" | "set_status" | "in_answer_to">;
type DraftState = "empty" | "saving" | "kept" | "device" | "conflict";

const PAUSE = 600; // ms without a key before it is saved
const AGAIN = 8_000; // ms until it is tried again where nobody answered

const open = new Set<() => Promise<void>>();
const requests = new Map<string, Promise<void>>(); // of each draft the last one, also of a page that was left

/** All that is being written, here and now, is on the server if it can be. */
export async function saveAll(): Promise<void> {
  await Promise.all([...open].map((save) => save()));
}

export function useDraft(ticket: number, kind: Kind) {
  const { me } = useMe();
  const place = `desk.draft.${me.value?.id}.${ticket}.${kind}`;
  const device = onDevice(place);
  const path = { params: { path: { ticket_id: ticket, kind } } };
  const content = ref<Content>(empty());
  const state = ref<DraftState>("empty");
  const keptAt = ref<string | null>(null);
  const theirs = shallowRef<Draft | null>(null);
  const wasNote = ref(localStorage.getItem(`${place}.note`) !== null);
  const uploads = useUploads((file) => {
    content.value.files.push(file);
    changed();
  });
  let version = 0;
  let changes = 0; // what is changed while a request is on its way is not kept by it
  let life = 0; // the answer to a request of a draft that has ended since says nothing
  let asked = ""; // what was to be kept last: where its answer is lost, it is there all the same
  let timer: ReturnType<typeof setTimeout> | undefined;

  const before = device.held();
  if (before) {
    content.value = before.content;
    version = before.version;
    asked = comparable(before.content);
    state.value = "device";
  }

  /** Takes up what was written before. What is written here already is held against what is there. */
  async function load(): Promise<void> {
    await requests.get(place);
    if (state.value === "device") return save();
    const drafts = await data(api.GET("/api/tickets/{ticket_id}/drafts", { params: path.params })).catch(() => []);
    const found = drafts.find((draft) => draft.kind === kind);
    if (found && state.value === "empty") take(found);
  }

  /** Shows a draft as the server has it. */
  function take(draft: Draft): void {
    begin(contentOf(draft), draft.version, "kept");
    keptAt.value = draft.updated_at;
  }

  /** What was sent is a draft again. What was begun since, and is not on the server, stays below it. */
  function restore(draft: Draft): void {
    const begun = isDirty() ? content.value : empty();
    take(draft);
    if (!begun.text.trim() && begun.files.length === 0) return;
    content.value.text = [draft.text, begun.text].filter((text) => text.trim()).join("\n\n");
    content.value.files.push(...begun.files.filter(({ id }) => draft.files.every((file) => file.id !== id)));
    changed();
  }

  function changed(): void {
    changes += 1;
    if (state.value !== "conflict") {
      state.value = "saving";
      saveIn(PAUSE);
    }
    device.hold({ version, content: content.value });
  }

  function saveIn(wait: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void save(), wait);
  }

  /** Saves at once, one request after the other. */
  function save(): Promise<void> {
    clearTimeout(timer);
    return inTurn(place, put);
  }

  async function put(): Promise<void> {
    if (state.value === "empty" || state.value === "conflict") return;
    const [was, lived] = [changes, life];
    const { files, ...rest } = content.value;
    asked = comparable(content.value);
    try {
      const kept = await data(api.PUT("/api/tickets/{ticket_id}/drafts/{kind}", { ...path, body: { ...rest, version, files: files.map(({ id }) => id) } }));
      if (lived === life) follow(kept, was === changes);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (lived !== life) return;
      if (problem.status === 409) conflict(problem);
      else later();
    }
  }

  /** @param whole Whether that is all, and nothing was changed since. */
  function follow(kept: Draft, whole: boolean): void {
    version = kept.version;
    keptAt.value = kept.updated_at;
    if (!whole) return device.hold({ version, content: content.value });
    state.value = "kept";
    device.release();
  }

  function conflict(problem: Problem): void {
    const found = (problem.document.draft as Draft | undefined) ?? null; // as the API's document says of this 409
    if (found && comparable(contentOf(found)) === asked) {
      follow(found, comparable(content.value) === asked);
      if (isDirty()) saveIn(PAUSE);
      return;
    }
    theirs.value = found;
    state.value = "conflict";
  }

  function later(): void {
    state.value = "device";
    saveIn(AGAIN);
  }

  function takeTheirs(): void {
    device.forget();
    if (theirs.value) take(theirs.value);
    else end(); // it was sent there, or thrown away
  }

  function keepMine(): void {
    version = theirs.value?.version ?? 0;
    theirs.value = null;
    state.value = "saving";
    void save();
  }

  /** The words of a note, on their way to customers: whoever sends them is asked. */
  function takeNote(text: string): void {
    content.value.text = text;
    wasNote.value = true;
    localStorage.setItem(`${place}.note`, "yes");
    changed();
  }

  /** Forgets it here: it was sent, and the server has ended it. */
  function end(): void {
    begin(empty(), 0, "empty");
    keptAt.value = null;
    wasNote.value = false;
    device.forget();
    localStorage.removeItem(`${place}.note`);
    for (const upload of uploads.going.values()) upload.cancel();
  }

  function begin(now: Content, at: number, as: DraftState): void {
    life += 1;
    clearTimeout(timer);
    content.value = now;
    version = at;
    state.value = as;
    theirs.value = null;
  }

  async function discard(): Promise<void> {
    end();
    await inTurn(place, () => api.DELETE("/api/tickets/{ticket_id}/drafts/{kind}", path).then(nothing, nothing));
  }

  const isDirty = () => state.value === "saving" || state.value === "device";
  const saveDirty = async () => (isDirty() ? save() : undefined);
  open.add(saveDirty);
  onScopeDispose(() => {
    open.delete(saveDirty);
    if (state.value === "saving") void save();
    clearTimeout(timer);
  });
  const isEmpty = computed(() => !content.value.text.trim() && content.value.files.length === 0);
  return { content, state, keptAt, theirs, isEmpty, wasNote, uploads, load, restore, changed, save, saveDirty, takeTheirs, keepMine, takeNote, end, discard };
}

function empty(): Content {
  return { text: "", recipients: null, files: [], set_status: null, in_answer_to: null };
}

function contentOf({ text, recipients, files, set_status, in_answer_to }: Draft): Content {
  return { text, recipients, files, set_status, in_answer_to };
}

/** Two drafts that say the same are the same text here. */
function comparable({ files, text, recipients, set_status, in_answer_to }: Content): string {
  return JSON.stringify([text, recipients, set_status, in_answer_to, files.map(({ id }) => id)]);
}

/** A failure ends its own request alone. */
function inTurn(place: string, request: () => Promise<void>): Promise<void> {
  const mine = (requests.get(place) ?? Promise.resolve()).then(request);
  requests.set(place, mine.catch(nothing));
  return mine;
}

function nothing(): void {}
