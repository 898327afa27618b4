/** How a row is told in words: who spoke last, and the name that readers hear. Pure but for the catalogue. */
import type { Row } from "@/api/rows";
import { t } from "@/words";
import { longAge } from "@/words/dates";

export type Flag = Row["flags"][number];
const ORDER: readonly Flag[] = ["returned", "draft", "note", "attachment"];

/** At most three, the gravest first. */
export function flagsOf(row: Row): Flag[] {
  return ORDER.filter((flag) => row.flags.includes(flag)).slice(0, 3);
}

export function nameOf({ requester }: Row): string {
  return requester.name || requester.email || "";
}

export function mailboxOf({ mailbox }: Row): string {
  return mailbox.name || (mailbox.address.split("@")[0] ?? mailbox.address);
}

/** Columns that would say the same in every row are not shown. */
export function sameColumns(rows: readonly Row[], one: boolean): ("own" | "box")[] {
  const boxes = new Set(rows.map(({ mailbox }) => mailbox.id));
  return [...(one ? (["own"] as const) : []), ...(boxes.size < 2 ? (["box"] as const) : [])];
}

/** Whose words the last ones are, where they are not the customer's to staff. */
export function speaker({ last }: Row, me: number | undefined, staff: boolean): string | null {
  if (!last || (staff && last.direction === "inbound")) return null;
  const who = last.author.id === me ? t("row.you") : shortName(last.author.name || last.author.email || "");
  return last.direction === "internal" ? t("row.noted", { who }) : t("row.said", { who });
}

export function spokenName(row: Row, now: number): string {
  const flags = flagsOf(row).map((flag) => t(`flag.${flag}`));
  const parts = [
    row.unread ? t("row.unread") : "",
    nameOf(row),
    row.title || t("row.noSubject"),
    t("row.waiting", { age: longAge(row.waiting_since, now) }),
    flags.length ? t("row.flags", { count: flags.length, flags: flags.join(", ") }) : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function shortName(name: string): string {
  return name.split(/[\s@]/)[0] ?? name;
}
