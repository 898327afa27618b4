/** Up to ten searches that led somewhere, kept on this device, for each account apart. */
const MOST = 10;

export function lastSearches(account: number): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(placeOf(account)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function keepSearch(account: number, query: string): void {
  const typed = query.trim();
  if (!typed) return;
  const kept = [typed, ...lastSearches(account).filter((one) => one !== typed)].slice(0, MOST);
  localStorage.setItem(placeOf(account), JSON.stringify(kept));
}

function placeOf(account: number): string {
  return `desk.searches.${account}`;
}
