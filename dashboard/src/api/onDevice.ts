/** What is not on the server yet, kept on this device for whoever wrote it. */
import type { Content } from "@/api/draft";

interface Held {
  /** The version on the server that it follows. */
  version: number;
  content: Content;
}

/** @param place Names the draft and its writer: another one who signs in here does not find it. */
export function onDevice(place: string) {
  let mine = "";

  function hold(held: Held): void {
    mine = JSON.stringify(held);
    localStorage.setItem(place, mine);
  }

  function held(): Held | null {
    const found: unknown = JSON.parse(localStorage.getItem(place) ?? "null");
    return isHeld(found) ? found : null;
  }

  /** What was held from here is on the server; what another page holds since is not. */
  function release(): void {
    if (localStorage.getItem(place) === mine) localStorage.removeItem(place);
  }

  return { hold, held, release, forget: () => localStorage.removeItem(place) };
}

function isHeld(found: unknown): found is Held {
  return typeof found === "object" && found !== null && "version" in found && "content" in found;
}
