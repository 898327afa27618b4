/** Times in the reader's zone, as short as they can be told apart. */
import { onScopeDispose, ref, type Ref } from "vue";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfAll = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const month = new Intl.DateTimeFormat(undefined, { month: "short" });

/** Now, moving on every half minute while somebody looks. */
export function useNow(): Ref<number> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), 30_000);
  onScopeDispose(() => clearInterval(timer));
  return now;
}

/** Seconds between a moment of the API and now. */
export function secondsSince(moment: string, now = Date.now()): number {
  return Math.max(0, (now - Date.parse(moment)) / 1000);
}

/** "4 m", "5 h", "3 d", "5 w", then "Jul", then "2025". */
export function shortAge(moment: string, now = Date.now()): string {
  const seconds = secondsSince(moment, now);
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} m`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < WEEK) return `${Math.floor(seconds / DAY)} d`;
  if (seconds < 9 * WEEK) return `${Math.floor(seconds / WEEK)} w`;
  const then = new Date(moment);
  return then.getFullYear() === new Date(now).getFullYear() ? month.format(then) : String(then.getFullYear());
}

/** "4 minutes", "5 hours", "3 days": for readers. */
export function longAge(moment: string, now = Date.now()): string {
  const seconds = secondsSince(moment, now);
  const [unit, length] = seconds < HOUR ? (["minute", MINUTE] as const) : seconds < DAY ? (["hour", HOUR] as const) : (["day", DAY] as const);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / length));
}

/** Today 09:38, this week Sat 16:20, this year 21 Nov, else 21 Nov 2025. */
export function shortTime(moment: string, now = Date.now()): string {
  const then = new Date(moment);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return clock.format(then);
  if (secondsSince(moment, now) < 6 * DAY) return `${weekday.format(then)} ${clock.format(then)}`;
  return then.getFullYear() === today.getFullYear() ? dayOfYear.format(then) : dayOfAll.format(then);
}

export function clockTime(moment: string): string {
  return clock.format(new Date(moment));
}

/** For titles and readers. */
export function wholeTime(moment: string): string {
  return whole.format(new Date(moment));
}
