/** Seconds that run down to nothing. */
import { onScopeDispose, ref } from "vue";

export function useCountdown() {
  const left = ref(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  onScopeDispose(() => clearInterval(timer));

  function count(seconds: number): void {
    clearInterval(timer);
    left.value = Math.ceil(seconds);
    if (left.value > 0) timer = setInterval(() => --left.value <= 0 && clearInterval(timer), 1000);
  }
  return { left, count };
}
