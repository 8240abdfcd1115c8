/** What was typed in this browser, and the server's version it was typed upon. */
export interface LocalDraft<D> {
  draft: D;
  version: number;
}

/** What a draft is about: a critique's number, or a kind of thing and its number. */
export type DraftPlace = number | string;

const key = (place: DraftPlace) => `redraft.draft.${place}`;

/** Keep a draft in this browser. */
export function rememberLocal<D>(place: DraftPlace, kept: LocalDraft<D>): void {
  try {
    localStorage.setItem(key(place), JSON.stringify(kept));
  } catch (error) {
    // A full or forbidden store must not stop the typing; the server gets the text all the same.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Drop the browser's copy, once the server has it. */
export function forgetLocal(place: DraftPlace): void {
  localStorage.removeItem(key(place));
}

/** What was typed in this browser and never reached the server; null when the server has it all. */
export function localCopy<D>(
  place: DraftPlace,
  server: D,
  same: (one: D, other: D) => boolean,
): LocalDraft<D> | null {
  const stored = localStorage.getItem(key(place));
  if (stored === null) return null;
  const kept = JSON.parse(stored) as LocalDraft<D>;
  return same(kept.draft, server) ? null : kept;
}
