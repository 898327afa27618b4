/** How much room there is: beside the work for details, or only over it. */
import { readonly, ref } from "vue";

const wide = window.matchMedia("(min-width: 1181px)");
const now = ref(wide.matches);
wide.addEventListener("change", () => (now.value = wide.matches));

export const roomy = readonly(now);
