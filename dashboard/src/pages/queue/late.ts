/** Waiting is shown only once it is felt. */
import { onScopeDispose, ref, type Ref, watch } from "vue";

const FELT = 150; // ms

export function useLate(waiting: Ref<boolean>): Ref<boolean> {
  const late = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    waiting,
    (now) => {
      clearTimeout(timer);
      late.value = false;
      if (now) timer = setTimeout(() => (late.value = true), FELT);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return late;
}
