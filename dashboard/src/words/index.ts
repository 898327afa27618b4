/**
 * The message catalogue: keys by meaning, ICU messages, one folder for each language.
 * A room's words lie in a file of its own; a second language is a second folder with the same keys.
 */
import { IntlMessageFormat } from "intl-messageformat";
import { common } from "@/words/en/common";
import { composer } from "@/words/en/composer";
import { gate } from "@/words/en/gate";
import { health } from "@/words/en/health";
import { queue } from "@/words/en/queue";
import { search } from "@/words/en/search";
import { settings } from "@/words/en/settings";
import { ticket } from "@/words/en/ticket";

const english = { ...common, ...gate, ...queue, ...ticket, ...composer, ...search, ...health, ...settings };

export type Word = keyof typeof english;
export type Values = Record<string, string | number | boolean | Date>;

export const language = "en";
const formats = new Map<Word, IntlMessageFormat>();

/** A message in the reader's language, its `{values}` filled in. */
export function t(word: Word, values: Values = {}): string {
  let format = formats.get(word);
  if (format === undefined) formats.set(word, (format = new IntlMessageFormat(english[word], language)));
  return String(format.format(values));
}
