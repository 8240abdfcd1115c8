import type { Draft } from "@/queries/critiques";

/** Whether two drafts say the same. */
export function sameDraft(one: Draft, other: Draft): boolean {
  const content = (draft: Draft) =>
    JSON.stringify([
      draft.text ?? "",
      draft.rating ?? null,
      draft.tags ?? [],
      draft.edit ?? null,
      Object.entries(draft.answers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
      // Field by field, since the server keeps objects in an order of its own. An anchor follows from its ends.
      (draft.spans ?? []).map(({ anchor, note, severity }) => [anchor.start, anchor.end, note, severity]),
    ]);
  return content(one) === content(other);
}
