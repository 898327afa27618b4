/** Where each list was left: who comes back finds it there, who comes anew begins at the top. */
import { nextTick, onBeforeUnmount, type Ref, watch } from "vue";
import { useRouter } from "vue-router";

interface Scrolled {
  offset: () => number;
  scrollTo: (px: number) => void;
}

const left = new Map<string, number>();

export function useScrolls(list: Ref<string>, grid: Readonly<Ref<Scrolled | null>>): void {
  const router = useRouter();
  const leave = (key: string) => grid.value && left.set(key, grid.value.offset());

  function arrive(): void {
    const back = router.options.history.state.forward !== null;
    void nextTick(() => grid.value?.scrollTo((back && left.get(list.value)) || 0));
  }

  watch(list, (_, before) => {
    leave(before);
    arrive();
  });
  watch(grid, (now, before) => now && !before && arrive(), { flush: "post" });
  onBeforeUnmount(() => leave(list.value));
}
