/** A form of the gate: one press at a time, what the server does not take, and how long it takes no more. */
import { computed, ref, shallowRef } from "vue";
import { Problem } from "@/api/problem";
import { t } from "@/words";

const A_WHILE = 60; // s, where the server does not say how long

/** @param ask Raises Problem where it is refused. */
export function useSubmit(ask: () => Promise<unknown>) {
  const busy = ref(false);
  const done = ref(false);
  const refused = shallowRef<Problem>();
  const blockedFor = computed(() => (refused.value?.status === 429 ? (refused.value.retryAfter ?? A_WHILE) : 0));
  /** What no field and no countdown says. */
  const trouble = computed(() => {
    if (!refused.value || refused.value.status === 429 || refused.value.document.errors) return undefined;
    return refused.value.status === 0 ? t("trouble.offline") : refused.value.message;
  });

  async function submit(): Promise<void> {
    busy.value = true;
    refused.value = undefined;
    try {
      await ask();
      done.value = true;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      refused.value = problem;
    } finally {
      busy.value = false;
    }
  }
  return { submit, busy, done, refused, trouble, blockedFor };
}
