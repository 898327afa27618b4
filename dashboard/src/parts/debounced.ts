import { onScopeDispose, type Ref, shallowRef, watch } from "vue";

/** A value as it was once it stood still for so many ms. */
export function refDebounced<Value>(source: Readonly<Ref<Value>>, still: number): Readonly<Ref<Value>> {
  const settled = shallowRef(source.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(source, (now) => {
    clearTimeout(timer);
    timer = setTimeout(() => (settled.value = now), still);
  });
  onScopeDispose(() => clearTimeout(timer));
  return settled;
}
