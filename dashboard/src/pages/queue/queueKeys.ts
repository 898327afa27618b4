/** The keys of a list. While a ticket is open beside it, its own keys come first; those of chosen rows before both. */
import { useActions } from "@/keys/keys";
import type { Wanted } from "@/api/rows";
import { type Deed, deedActions } from "@/pages/queue/deeds";
import { t } from "@/words";

interface Hand {
  step: (by: number, extend?: boolean) => void;
  act: (deed: Deed) => void;
  leave: () => void;
  letIn: () => void;
  go: () => void;
  choose: () => void;
  all: () => void;
  turn: (turn: Wanted["turn"]) => void;
  filled: () => boolean;
  news: () => boolean;
}

export function useQueueKeys({ step, act, leave, letIn, go, choose, all, turn, filled, news }: Hand): void {
  useActions(
    { name: t("key.next"), key: "j", when: filled, run: () => step(1) },
    { name: t("key.previous"), key: "k", when: filled, run: () => step(-1) },
    { name: t("key.extendDown"), key: "Shift+J", when: filled, run: () => step(1, true) },
    { name: t("key.extendUp"), key: "Shift+K", when: filled, run: () => step(-1, true) },
    { name: t("key.open"), key: "o", when: filled, run: go },
    { name: t("key.choose"), key: "x", when: filled, run: choose },
    { name: t("key.all"), key: "Ctrl+A", when: filled, run: all },
    { name: t("list.letIn"), key: ".", when: news, run: letIn },
    { name: t("turn.all"), key: "1", run: () => turn(undefined) },
    { name: t("turn.us"), key: "2", run: () => turn("us") },
    { name: t("turn.them"), key: "3", run: () => turn("them") },
    { name: t("do.back"), key: "Escape", run: leave },
    ...deedActions(act),
  );
}
