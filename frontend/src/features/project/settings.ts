import type { Shapes } from "@/lib/api";

/** The settings as the form holds them. */
export interface SettingsDraft {
  name: string;
  guidelines: string;
  overlap: string;
}

/** What the form shows for a project. */
export function draftOf(project: Shapes["ProjectShape"]): SettingsDraft {
  return {
    name: project.name,
    guidelines: project.guidelines,
    overlap: String(project.overlap),
  };
}

/** Only what was changed, so that what others changed meanwhile stays. */
export function patchOf(saved: SettingsDraft, draft: SettingsDraft): Shapes["ProjectPatch"] {
  return {
    ...(draft.name !== saved.name && { name: draft.name }),
    ...(draft.guidelines !== saved.guidelines && { guidelines: draft.guidelines }),
    ...(draft.overlap !== saved.overlap && { overlap: Number(draft.overlap) }),
  };
}

/** Whether there is anything to save. */
export function isChanged(saved: SettingsDraft, draft: SettingsDraft): boolean {
  return Object.keys(patchOf(saved, draft)).length > 0;
}

/** Words between commas, without blanks and doubles. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split(",").map((word) => word.trim()))].filter(Boolean);
}
