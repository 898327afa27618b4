/** Theme and density, kept on this device. */
import { ref, watch } from "vue";

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

export const theme = ref<Theme>(kept("theme", ["system", "light", "dark"], "system"));
export const density = ref<Density>(kept("density", ["comfortable", "compact"], "comfortable"));
export const singleKeys = ref(kept("keys", ["on", "off"], "on") === "on");

export function applyLook(): void {
  const root = document.documentElement;
  watch(
    [theme, density, singleKeys],
    () => {
      if (theme.value === "system") delete root.dataset.theme;
      else root.dataset.theme = theme.value;
      root.dataset.density = density.value;
      keep("theme", theme.value);
      keep("density", density.value);
      keep("keys", singleKeys.value ? "on" : "off");
    },
    { immediate: true },
  );
}

function kept<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
  const found = localStorage.getItem(`desk.${name}`);
  return choices.find((choice) => choice === found) ?? fallback;
}

function keep(name: string, value: string): void {
  localStorage.setItem(`desk.${name}`, value);
}
