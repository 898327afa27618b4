/**
 * Who is signed in. The access token lives in this module's memory and nowhere else; the refresh token is a cookie that
 * scripts cannot read, sent to /api/session alone.
 */
import { computed, ref } from "vue";
import type { Schema } from "@/api/client";
import { away, problemOf } from "@/api/problem";

const HEADERS = { "X-Ticketgate": "desk" }; // what a form of another site cannot send
const EARLY = 60_000; // ms before its end that a token is renewed
const WAS_HERE = "desk.signed-in"; // whether there may be a cookie to ask with; it tells nothing else

type SignedIn = "asking" | "yes" | "no" | "expired";

const access = ref<string | null>(null);
let endsAt = 0;
/** Where the events stood before this page asked for anything: what happens while it loads is heard too. */
export let eventsBegan: string | null = null;
let whose: string | null = null;
let renewing: Promise<boolean> | null = null;

export const signedIn = ref<SignedIn>("asking");
export const expired = computed(() => signedIn.value === "expired");

/** A token that still holds, or null where nobody is signed in. */
export async function token(): Promise<string | null> {
  if (access.value !== null && Date.now() > endsAt - EARLY) await renew();
  return access.value;
}

export async function signIn(username: string, password: string): Promise<void> {
  const answer = await call("POST", "", JSON.stringify({ username, password }));
  if (!answer.ok) throw await problemOf(answer);
  await keep(answer);
}

/** Ends this session, here and on the server. */
export async function signOut(): Promise<void> {
  await call("DELETE", "").catch(() => undefined);
  access.value = null;
  whose = null;
  signedIn.value = "no";
  localStorage.removeItem(WAS_HERE);
}

/** Takes up the session of before, where there was one. */
export async function resume(): Promise<void> {
  if (localStorage.getItem(WAS_HERE) === null) signedIn.value = "no";
  else await renew().catch(() => (signedIn.value = "no"));
}

/** A new token by the cookie. One request at a time: who comes meanwhile shares its answer. */
export function renew(): Promise<boolean> {
  renewing ??= askAnew().finally(() => (renewing = null));
  return renewing;
}

async function askAnew(): Promise<boolean> {
  const answer = await call("POST", "/refresh");
  if (answer.ok) {
    await keep(answer);
    return true;
  }
  if (answer.status !== 401 && answer.status !== 403) throw await problemOf(answer); // nobody said that it has ended
  access.value = null;
  signedIn.value = signedIn.value === "yes" || signedIn.value === "expired" ? "expired" : "no";
  return false;
}

async function keep(answer: Response): Promise<void> {
  const { access: found, events } = (await answer.json()) as Schema<"Access">;
  localStorage.setItem(WAS_HERE, "yes");
  const { sub, exp } = claimsOf(found);
  if (whose !== null && whose !== sub) return startAfresh();
  whose = sub;
  access.value = found;
  eventsBegan ??= events;
  endsAt = exp * 1000;
  signedIn.value = "yes";
}

async function call(method: string, path: string, body?: string): Promise<Response> {
  const headers = body === undefined ? HEADERS : { ...HEADERS, "Content-Type": "application/json" };
  try {
    return await fetch(`/api/session${path}`, { method, headers, body, credentials: "same-origin" });
  } catch {
    throw away();
  }
}

/** Somebody else's page says nothing in a new person's name: it is left, with all that waits on it. */
async function startAfresh(): Promise<never> {
  location.assign("/");
  return new Promise(() => undefined);
}

function claimsOf(found: string): { sub: string; exp: number } {
  return JSON.parse(atob(found.split(".")[1]?.replace(/-/g, "+").replace(/_/g, "/") ?? "")) as { sub: string; exp: number };
}
