/** The public REST API, typed by its OpenAPI document. Every answer is its data; every refusal is a thrown Problem. */
import createClient, { type Middleware } from "openapi-fetch";
import { watch } from "vue";
import { away, problemOf } from "@/api/problem";
import { renew, signedIn, token } from "@/api/session";
import type { components, paths } from "@/api/schema";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const bearer: Middleware = {
  async onRequest({ request }) {
    const held = await token();
    if (held !== null) request.headers.set("Authorization", `Bearer ${held}`);
    return request;
  },
};

export const api = createClient<paths>({ fetch: send });
api.use(bearer);

/** An answer's data. Raises Problem where there is none. */
export async function data<T>(asked: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await asked).data as T;
}

/** Like fetch, with the token: for what is no JSON. */
export async function authorized(address: string, options: RequestInit = {}): Promise<Response> {
  const request = new Request(address, options);
  const held = await token();
  if (held !== null) request.headers.set("Authorization", `Bearer ${held}`);
  return send(request);
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await reach(request);
  if (answer.status === 401 && signedIn.value !== "no" && (await renewed(again))) return accepted(await reach(again));
  return accepted(answer);
}

/** After the session has ended the page asks for the password, and what was asked waits for it. */
async function renewed(request: Request): Promise<boolean> {
  if (!(await renew()) && !(await signedInAgain())) return false;
  const held = await token();
  request.headers.set("Authorization", `Bearer ${held ?? ""}`);
  return true;
}

async function signedInAgain(): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = watch(
      signedIn,
      (now) => {
        if (now === "expired") return;
        queueMicrotask(() => stop());
        resolve(now === "yes");
      },
      { immediate: true },
    );
  });
}

async function accepted(answer: Response): Promise<Response> {
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw away();
  }
}
