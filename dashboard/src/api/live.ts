/**
 * What happens, as it happens. One stream for all tabs of this browser: the tab that holds the lock reads it and tells
 * the others. After a break it asks for what came since the last event's id, so nothing is missed.
 */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { onScopeDispose, ref, watch } from "vue";
import { authorized } from "@/api/client";
import { signedIn } from "@/api/session";

export interface Happening {
  id: string;
  kind: string;
  ticket: number;
  message: number | null;
  actor: number | null;
  data: Record<string, unknown>;
  at: string;
}

const SHORTEST = 500; // ms between two tries
const LONGEST = 15_000;
const PATIENCE = 3_000; // ms without a connection before the page says so
const STALE = 40_000; // ms without a heartbeat: the computer slept, or the line is dead

const listeners = new Set<(happening: Happening) => void>();
const tabs = new BroadcastChannel("ticketgate.live");
let last: string | null = null;

export const connected = ref(true);

/** Calls back on what happens while the component lives. */
export function onHappening(heard: (happening: Happening) => void): void {
  listeners.add(heard);
  onScopeDispose(() => listeners.delete(heard));
}

/** Follows the stream for as long as somebody is signed in. */
export function follow(): void {
  tabs.onmessage = ({ data }: MessageEvent<Happening>) => tell(data);
  watch(signedIn, (now) => now === "yes" && void lead(), { immediate: true });
}

async function lead(): Promise<void> {
  await navigator.locks.request("ticketgate.live", { ifAvailable: false }, async () => {
    let wait = SHORTEST;
    while (signedIn.value === "yes") {
      const grumble = setTimeout(() => (connected.value = false), PATIENCE);
      const heard = await read(() => {
        clearTimeout(grumble);
        connected.value = true;
      });
      clearTimeout(grumble);
      wait = heard ? SHORTEST : Math.min(wait * 2, LONGEST);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  });
}

/** Reads one stream to its end. Answers whether it said anything. */
async function read(opened: () => void): Promise<boolean> {
  const ending = new AbortController();
  let alarm = setTimeout(() => ending.abort(), STALE);
  let heard = false;
  try {
    const headers: HeadersInit = last === null ? {} : { "Last-Event-ID": last };
    const answer = await authorized("/api/events", { headers, signal: ending.signal });
    const alive = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, to) {
        clearTimeout(alarm);
        alarm = setTimeout(() => ending.abort(), STALE);
        heard = true;
        to.enqueue(chunk);
      },
    });
    opened();
    const stream = answer.body?.pipeThrough(alive).pipeThrough(new TextDecoderStream());
    const events = stream?.pipeThrough(new EventSourceParserStream()).getReader();
    for (let next = await events?.read(); next && !next.done; next = await events?.read()) {
      const happening = JSON.parse(next.value.data) as Happening;
      tell(happening);
      tabs.postMessage(happening);
    }
  } catch {
    // The next try says whether it was the line, the server or the session.
  } finally {
    clearTimeout(alarm);
  }
  return heard;
}

function tell(happening: Happening): void {
  last = happening.id;
  for (const heard of listeners) heard(happening);
}
