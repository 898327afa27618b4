/** The shape of a list by the room it has, and the true height of its rows: the stylesheet says both. */
import { onScopeDispose, type Ref, ref, watch } from "vue";
import { density } from "@/frame/look";

const WIDE = 760; // px, as list.css has it

export function useRowSize(list: Readonly<Ref<HTMLElement | null>>) {
  const wide = ref(true);
  const height = ref(54);

  function measure(): void {
    const element = list.value;
    if (!element || !element.clientWidth) return;
    const style = getComputedStyle(element);
    const room = element.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
    wide.value = room >= WIDE;
    height.value = parseFloat(style.getPropertyValue(wide.value ? "--row-wide" : "--row-stack"));
  }

  const observer = new ResizeObserver(measure);
  watch(list, (now, before) => {
    if (before) observer.unobserve(before);
    if (now) observer.observe(now);
  });
  watch(density, measure, { flush: "post" });
  onScopeDispose(() => observer.disconnect());
  return { wide, height };
}
