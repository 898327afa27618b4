/** Lists come in pages: the Link header (RFC 8288) of each says where the next one begins. */
export function nextPage(response: Response): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
  return next === undefined ? undefined : (new URL(next, location.origin).searchParams.get("after") ?? undefined);
}
