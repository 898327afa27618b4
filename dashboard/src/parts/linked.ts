/** Plain text with its links found. Nothing else in it is more than text. */
export type Piece = { text: string; href?: string };

const LINK = /\bhttps?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uffef]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu;
const AFTER = /[.,;:!?)\]}'"»”’]+$/u; // belongs to the sentence, not to the link

export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = match[0].replace(AFTER, "");
    if (match.index > at) pieces.push({ text: text.slice(at, match.index) });
    pieces.push({ text: shown, href: shown.includes("://") ? shown : `mailto:${shown}` });
    at = match.index + shown.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
