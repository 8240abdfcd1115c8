import type { Draft } from "@/queries/critiques";

/** What was typed in this browser, and the server's version it was typed upon. */
export interface Kept {
  draft: Draft;
  version: number;
}

const key = (critique: number) => `redraft.draft.${critique}`;

/** Keep a draft in this browser. */
export function rememberLocal(critique: number, kept: Kept): void {
  try {
    localStorage.setItem(key(critique), JSON.stringify(kept));
  } catch (error) {
    // A full or forbidden store must not stop the typing; the server gets the text all the same.
    if (!(error instanceof DOMException)) throw error;
  }
}

/** Drop the browser's copy, once the server has it. */
export function forgetLocal(critique: number): void {
  localStorage.removeItem(key(critique));
}

/** What was typed in this browser and never reached the server; null when the server has it all. */
export function localCopy(critique: number, server: Draft): Kept | null {
  const stored = localStorage.getItem(key(critique));
  if (stored === null) return null;
  const kept = JSON.parse(stored) as Kept;
  return sameDraft(kept.draft, server) ? null : kept;
}

/** Whether two drafts say the same. */
export function sameDraft(one: Draft, other: Draft): boolean {
  const content = (draft: Draft) =>
    JSON.stringify([
      draft.text ?? "",
      draft.rating ?? null,
      draft.tags ?? [],
      draft.edit ?? null,
      // Field by field, since the server keeps objects in an order of its own. An anchor follows from its ends.
      Object.entries(draft.answers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      (draft.spans ?? []).map(({ anchor, note, severity }) => [anchor.start, anchor.end, note, severity]),
    ]);
  return content(one) === content(other);
}
