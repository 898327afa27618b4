/** What staff do with tickets of a list: each by its key, its name, and its button. */
import type { Change } from "@/api/changes";
import type { Action } from "@/keys/keys";
import { t } from "@/words";

export const DEEDS = ["assign", "take", "tag", "priority", "close", "freeze", "reopen"] as const;
export type Deed = (typeof DEEDS)[number];
/** What has to be chosen first. */
const PICKINGS = ["assign", "tag", "priority"] as const;
export type Picking = (typeof PICKINGS)[number];

const KEYS: Record<Deed, string> = { assign: "a", take: "t", tag: "l", priority: "p", close: "e", freeze: "f", reopen: "Shift+E" };

/** Deeds that are one press, as changes. */
export const STATUS = { close: { status: "CL" }, freeze: { status: "FR" }, reopen: { status: "AC" } } as const satisfies Record<string, Change>;

export function isPicking(deed: Deed): deed is Picking {
  return PICKINGS.some((one) => one === deed);
}

export function deedActions(act: (deed: Deed) => void, when?: () => boolean): Action[] {
  return DEEDS.map((deed) => action(deed, act, when));
}

/** Those of one ticket that something has to be chosen for. */
export function pickActions(pick: (picking: Picking) => void, when: () => boolean): Action[] {
  return PICKINGS.map((picking) => action(picking, pick, when));
}

function action<One extends Deed>(deed: One, act: (deed: One) => void, when?: () => boolean): Action {
  return { name: t(`deed.${deed}`), key: KEYS[deed], when, run: () => act(deed) };
}
