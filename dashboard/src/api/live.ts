/**
 * What happens, as it happens. One stream for all tabs of this browser: the tab that holds the lock reads it and tells
 * the others. It asks for what came since the last event's id, and first since the page began, so nothing is missed.
 */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { onScopeDispose, ref, watch } from "vue";
import { authorized } from "@/api/client";
import { eventsBegan, signedIn } from "@/api/session";

interface Happening {
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
let leading = false;
let ending = new AbortController();

export const connected = ref(true);

/** Calls back on what happens while the component lives. */
export function onHappening(heard: (happening: Happening) => void): void {
  listeners.add(heard);
  onScopeDispose(() => listeners.delete(heard));
}

/** Follows the stream for as long as somebody is signed in. */
export function follow(): void {
  tabs.onmessage = ({ data }: MessageEvent<Happening>) => tell(data);
  watch(
    signedIn,
    (now) => {
      if (now === "yes" && !leading) void lead();
      if (now === "no") ending.abort(); // the next one who signs in here hears a stream of their own
    },
    { immediate: true },
  );
}

/** Waits for its turn among the tabs, and reads for all of them until somebody signs out. */
async function lead(): Promise<void> {
  leading = true;
  await navigator.locks.request("ticketgate.live", async () => {
    let wait = SHORTEST;
    let grumble: ReturnType<typeof setTimeout> | undefined;
    while (signedIn.value === "yes") {
      grumble ??= setTimeout(() => (connected.value = signedIn.value === "expired"), PATIENCE);
      const heard = await read(() => {
        clearTimeout(grumble);
        grumble = undefined;
        connected.value = true;
      });
      wait = heard ? SHORTEST : Math.min(wait * 2, LONGEST);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    clearTimeout(grumble);
    leading = false;
  });
}

/** Reads one stream to its end. Answers whether it said anything. */
async function read(opened: () => void): Promise<boolean> {
  const mine = (ending = new AbortController());
  let alarm = setTimeout(() => mine.abort(), STALE);
  let heard = false;
  try {
    const since = last ?? eventsBegan;
    const headers: HeadersInit = since === null ? {} : { "Last-Event-ID": since };
    const answer = await authorized("/api/events", { headers, signal: mine.signal });
    const alive = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, to) {
        clearTimeout(alarm);
        alarm = setTimeout(() => mine.abort(), STALE);
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
