/** The header of a raw mail, unfolded (RFC 5322, section 2.2.3) and grouped by what it tells. */
export interface Header {
  name: string;
  value: string;
}

const GROUPS = {
  identity: /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|authentication-results|dkim-signature|received-spf|arc-.*)$/i,
  thread: /^(?:in-reply-to|references|thread-.*|auto-submitted|precedence|list-.*|x-auto-.*)$/i,
  route: /^(?:received|return-path|delivered-to|x-original-to|envelope-to)$/i,
} as const;

export type Group = keyof typeof GROUPS | "rest";

export function headersOf(raw: string): Record<Group, Header[]> {
  const head = raw.split(/\r?\n\r?\n/, 1)[0] ?? "";
  const groups: Record<Group, Header[]> = { route: [], identity: [], thread: [], rest: [] };
  for (const line of head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const [, name, value = ""] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name) groups[groupOf(name)].push({ name, value });
  }
  return groups;
}

function groupOf(name: string): Group {
  for (const group of ["identity", "thread", "route"] as const) if (GROUPS[group].test(name)) return group;
  return "rest";
}
