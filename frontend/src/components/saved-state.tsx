import type { SaveState } from "@/lib/draft-keeper";
import { clock } from "@/lib/format";
import { texts as all } from "@/lib/texts";

const texts = all.drafts;

/** Whether what was typed is safe, always visible. */
export function SavedState({ state, isLocked }: { state: SaveState; isLocked: boolean }) {
  const said = {
    clean: "",
    saving: texts.saving,
    saved: state.kind === "saved" ? texts.saved(clock(state.at)) : "",
    local: texts.local,
    conflict: texts.conflictTitle,
    refused: texts.local,
  }[state.kind];
  const warns = state.kind === "local" || state.kind === "refused" || state.kind === "conflict";
  return (
    <span className={`saved-state small ${warns ? "warns" : "muted"}`} role="status">
      {isLocked ? texts.submitting : said}
    </span>
  );
}
