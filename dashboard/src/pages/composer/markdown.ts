/** Markdown put round or before what is selected. */
export interface Shaped {
  text: string;
  from: number;
  to: number;
}

export function wrapped(text: string, from: number, to: number): Shaped {
  const inside = text.slice(from, to);
  return { text: `${text.slice(0, from)}**${inside}**${text.slice(to)}`, from: from + 2, to: to + 2 };
}

export function listed(text: string, from: number, to: number): Shaped {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const lines = text.slice(start, to).split("\n");
  const made = lines.map((line) => `- ${line}`).join("\n");
  return { text: text.slice(0, start) + made + text.slice(to), from: from + 2, to: to + 2 * lines.length };
}
