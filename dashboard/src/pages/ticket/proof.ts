/** What is known of who sent a letter. */
import type { Message } from "@/api/ticket";
import { t } from "@/words";

export type Proven = "proven" | "unproven" | "rejected";

const WAYS = { dkim: "DKIM", spf: "SPF" } as const;

/** Null where it did not come by mail, or staff alone may know. */
export function proofOf(message: Message): Proven | null {
  const said = message.email?.authentication;
  if (!said || message.direction !== "inbound" || said.dmarc === undefined) return null;
  if (said.rejects === true || message.email?.flags.includes("rejected")) return "rejected";
  return said.dmarc === "pass" ? "proven" : "unproven";
}

export function proofWords(message: Message): string {
  const proof = proofOf(message);
  if (proof !== "proven") return proof === "rejected" ? t("proof.rejected") : t("proof.unproven");
  const said = message.email?.authentication ?? {};
  const ways = Object.entries(WAYS).filter(([way]) => said[way] === "pass").map(([, name]) => name);
  return ways.length ? t("proof.by", { ways: ways.join(", ") }) : t("proof.proven");
}
