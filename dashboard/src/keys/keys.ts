/**
 * A key for everything. A page registers its actions while it is shown; the same list makes `?` and Ctrl K.
 * Keys are matched by the character typed, so that they are the same on every layout, and never inside fields.
 */
import { onScopeDispose, shallowReactive } from "vue";
import { singleKeys } from "@/frame/look";

export interface Action {
  /** What it is called, as a support agent would say it. */
  name: string;
  /** "r", "Shift+R", "g m", "Ctrl+Enter"; none where it is reached by name alone. */
  key?: string;
  icon?: string;
  run: () => void;
  /** Whether it can be done now. */
  when?: () => boolean;
  /** Works inside fields too. */
  always?: boolean;
}

export const actions = shallowReactive(new Set<Action>());
let prefix = "";
let forget: ReturnType<typeof setTimeout> | undefined;

/** Makes actions available while the component lives. */
export function useActions(...added: Action[]): void {
  for (const action of added) actions.add(action);
  onScopeDispose(() => added.forEach((action) => actions.delete(action)));
}

/** Actions that can be done now; of two with the same key the later one counts. */
export function possible(): Action[] {
  return [...actions].filter((action) => action.when?.() ?? true);
}

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey || isCovered()) return;
    const inField = isField(event.target);
    const pressed = nameOf(event);
    if (pressed === null) return;
    const single = !pressed.startsWith("Ctrl+");
    if (single && (inField || !singleKeys.value) && pressed !== "Escape") return;
    const found = find(prefix ? `${prefix} ${pressed}` : pressed, inField);
    prefix = "";
    clearTimeout(forget);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (single && !inField && possible().some(({ key }) => key?.startsWith(`${pressed} `))) {
      prefix = pressed;
      forget = setTimeout(() => (prefix = ""), 1500);
    }
  });
}

/** How a key is written for people: ["Ctrl", "K"], ["G", "M"]. */
export function written(key: string): string[] {
  const mac = navigator.platform.startsWith("Mac");
  const said: Record<string, string> = { Ctrl: mac ? "⌘" : "Ctrl", ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };
  const plain = (part: string) => said[part] ?? (part.length === 1 ? part.toUpperCase() : part);
  return key.split(/[ +]/).map(plain);
}

function find(pressed: string, inField: boolean): Action | undefined {
  return possible().findLast((action) => action.key === pressed && (!inField || action.always));
}

function nameOf(event: KeyboardEvent): string | null {
  if (["Shift", "Control", "Meta", "Alt"].includes(event.key)) return null;
  const ctrl = event.ctrlKey || event.metaKey;
  const letter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase();
  const shift = event.shiftKey && (letter || event.key.length > 1);
  const key = letter && !shift && !ctrl ? event.key.toLowerCase() : letter ? event.key.toUpperCase() : event.key;
  return [...(ctrl ? ["Ctrl"] : []), ...(shift ? ["Shift"] : []), key].join("+");
}

/** What lies over the page has the keys to itself: a letter chooses in a menu, and Esc closes the innermost alone. */
function isCovered(): boolean {
  return document.querySelector(":is([role=dialog], [role=alertdialog], [role=menu]):not([data-state=closed])") !== null;
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
}
