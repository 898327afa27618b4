/** Puts a text where it can be pasted from. Without HTTPS a browser has no clipboard for pages: then it is shown, to be copied by hand. */
import { announce } from "@/parts/announce";
import { t } from "@/words";

/** Whether it is there. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    window.prompt(t("do.copyByHand"), text);
    return false;
  }
  announce(t("do.copied"));
  return true;
}
