import { useEffect, useState, useSyncExternalStore } from "react";
import { DraftKeeper } from "@/lib/draft-keeper";
import { type Assignment, saveDraft } from "@/queries/critiques";
import { sameDraft } from "./same-draft";

/** The draft of one critique and its keeper; what is not saved yet goes out when the page is left. */
export function useDraft({ critique }: Assignment) {
  const [keeper] = useState(
    () =>
      new DraftKeeper(
        critique.id,
        critique.draft,
        critique.draft_version,
        (draft, version) => saveDraft(critique.id, draft, version),
        sameDraft,
      ),
  );
  const kept = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  useEffect(() => () => void keeper.flush(), [keeper]);
  return { ...kept, keeper };
}
