/** The one toast: what was just done to a list can be taken back for ten seconds, by its button or Z. */
import { ref } from "vue";
import { undoable } from "@/parts/announce";

export interface Undo {
  words: string;
  /** No toast: the page shows by itself that it can be taken back. */
  quiet?: boolean;
  run: () => Promise<void> | void;
}

const LASTS = 10_000; // ms

export const offered = ref<Undo | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;
let paused = false;

export function offerUndo(undo: Undo): void {
  offered.value = undo;
  undoable.value = undo.words;
  start();
}

export function takeBack(): void {
  const undo = offered.value;
  drop();
  void undo?.run();
}

/** A toast that somebody points at stays. */
export function pause(now: boolean): void {
  paused = now;
  if (now) clearTimeout(timer);
  else if (offered.value) start();
}

function start(): void {
  clearTimeout(timer);
  if (!paused) timer = setTimeout(drop, LASTS);
}

function drop(): void {
  clearTimeout(timer);
  offered.value = null;
}
