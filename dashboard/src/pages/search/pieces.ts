/** A text cut at its marks. Pure. */
export interface Piece {
  words: string;
  found: boolean;
  start: number;
}

/** @param marks `[start, end]` of each, from left to right, in UTF-16 code units. */
export function pieces(text: string, marks: readonly (readonly number[])[]): Piece[] {
  const cut: Piece[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of marks) {
    if (start < at || end <= start) continue;
    if (start > at) cut.push({ words: text.slice(at, start), found: false, start: at });
    cut.push({ words: text.slice(start, end), found: true, start });
    at = end;
  }
  if (at < text.length) cut.push({ words: text.slice(at), found: false, start: at });
  return cut;
}
