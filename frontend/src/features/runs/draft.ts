import type { Base, Preset, RecipeDraft } from "@/queries/runs";

/** A run that is being made: kept in this tab until it is launched. */
export interface Draft {
  preset: string;
  name: string;
  base: Base;
  recipe: RecipeDraft;
}

const key = (project: string) => `redraft.new-run.${project}`;

/** The draft that was left here, if its method still exists; else a fresh one of the first method. */
export function readDraft(project: string, presets: Preset[]): Draft {
  const stored = parse(sessionStorage.getItem(key(project)));
  if (stored && presets.some((preset) => preset.name === stored.preset)) return stored;
  const [first] = presets;
  return { preset: first?.name ?? "", name: "", base: {}, recipe: { ...first?.recipe } };
}

export const keepDraft = (project: string, draft: Draft) =>
  sessionStorage.setItem(key(project), JSON.stringify(draft));

export const dropDraft = (project: string) => sessionStorage.removeItem(key(project));

function parse(text: string | null): Draft | null {
  try {
    return text === null ? null : (JSON.parse(text) as Draft);
  } catch {
    return null;
  }
}
