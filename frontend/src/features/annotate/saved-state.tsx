import { clock } from "@/lib/format";
import type { SaveState } from "./draft-keeper";
import { texts } from "./texts";

/** Whether what was typed is safe, always visible. */
export function SavedState({ state }: { state: SaveState }) {
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
      {said}
    </span>
  );
}
