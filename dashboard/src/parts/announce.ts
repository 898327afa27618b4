/** What readers hear. Three regions in the page: polite, assertive, and one for undo. */
import { ref } from "vue";

export const polite = ref("");
export const assertive = ref("");
export const undoable = ref("");

const RARELY = 5_000; // ms between two polite words; the newest wins
let next = 0;
let waiting: ReturnType<typeof setTimeout> | undefined;

export function announce(words: string): void {
  clearTimeout(waiting);
  const wait = Math.max(0, next - Date.now());
  waiting = setTimeout(() => {
    polite.value = words;
    next = Date.now() + RARELY;
  }, wait);
}

export function alarm(words: string): void {
  assertive.value = "";
  queueMicrotask(() => (assertive.value = words));
}
