/** One step back where that is where somebody came from; a step on otherwise. So the way back never grows. */
import type { RouteLocationRaw, Router } from "vue-router";

export function stepBack(router: Router, to: RouteLocationRaw): void {
  if (router.options.history.state.back === router.resolve(to).fullPath) router.back();
  else void router.push(to);
}
