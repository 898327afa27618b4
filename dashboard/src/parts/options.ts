/** What can be picked by name. */
import type { Glyph } from "@/parts/glyphs";

export interface Option<Value> {
  value: Value;
  words: string;
  /** In grey behind it. */
  hint?: string;
  glyph?: Glyph;
  /** Whether it is so already. */
  set?: boolean;
}

/** Options that have every typed word, in the order given. */
export function matching<Value>(options: readonly Option<Value>[], typed: string): Option<Value>[] {
  const words = typed.toLowerCase().split(/\s+/);
  return options.filter((option) => words.every((word) => `${option.words} ${option.hint ?? ""}`.toLowerCase().includes(word)));
}
