/** What stands beside the work: the rail, and the details of a ticket. Where there is less room they come over it. */
import { ref } from "vue";
import { roomy } from "@/frame/room";

export const railOpen = ref(true);
export const menuOpen = ref(false);
export const detailsOpen = ref(true);
export const sheetOpen = ref(false);

export function toggleDetails(): void {
  if (roomy.value) detailsOpen.value = !detailsOpen.value;
  else sheetOpen.value = !sheetOpen.value;
}
