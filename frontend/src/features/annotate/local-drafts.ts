import type { Draft } from "@/queries/critiques";

const key = (critique: number) => `redraft.draft.${critique}`;

/** Keep a draft in this browser. */
export function rememberLocal(critique: number, draft: Draft): void {
  localStorage.setItem(key(critique), JSON.stringify(draft));
}

/** Drop the browser's copy, once the server has it for good. */
export function forgetLocal(critique: number): void {
  localStorage.removeItem(key(critique));
}

/** What was typed in this browser and never reached the server; null when the server has it all. */
export function localCopy(critique: number, server: Draft): Draft | null {
  const kept = localStorage.getItem(key(critique));
  if (kept === null) return null;
  const draft = JSON.parse(kept) as Draft;
  return sameDraft(draft, server) ? null : draft;
}

/** Whether two drafts say the same. */
export function sameDraft(one: Draft, other: Draft): boolean {
  const content = (draft: Draft) =>
    JSON.stringify([draft.text ?? "", draft.rating ?? null, draft.tags ?? [], draft.edit ?? null]);
  return content(one) === content(other);
}
