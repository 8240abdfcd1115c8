import { beforeEach, describe, expect, it } from "vitest";
import { anchor } from "@/lib/anchors";
import { forgetLocal, localCopy, rememberLocal } from "@/lib/local-drafts";
import { sameDraft } from "./same-draft";

const EMPTY = { text: "", rating: null, tags: [], edit: null };
const SPAN = { anchor: anchor("a bc", 2, 4), note: "", severity: "major" as const };
const typed = (text: string) => ({ draft: { ...EMPTY, text }, version: 3 });

describe("drafts in the browser", () => {
  beforeEach(() => localStorage.clear());

  it("are given back, with the version they were typed upon, when the server never got them", () => {
    rememberLocal(7, typed("typed on a train"));
    expect(localCopy(7, EMPTY, sameDraft)).toEqual(typed("typed on a train"));
    expect(localCopy(8, EMPTY, sameDraft)).toBeNull();
  });

  it("are not restored when the server has the same", () => {
    rememberLocal(7, typed("saved"));
    expect(localCopy(7, { ...EMPTY, text: "saved" }, sameDraft)).toBeNull();
  });

  it("are gone once forgotten", () => {
    rememberLocal(7, typed("done"));
    forgetLocal(7);
    expect(localCopy(7, EMPTY, sameDraft)).toBeNull();
  });

  it("with the same spans are the same, in whatever order their fields came", () => {
    const { note, severity, anchor: made } = SPAN;
    const shuffled = {
      severity,
      anchor: Object.fromEntries(Object.entries(made).reverse()) as typeof made,
      note,
    };
    expect(sameDraft({ ...EMPTY, spans: [SPAN] }, { ...EMPTY, spans: [shuffled] })).toBe(true);
    expect(sameDraft(EMPTY, { ...EMPTY, spans: [] })).toBe(true);
  });

  it("differ by any of text, rating, tags, edit and spans", () => {
    expect(sameDraft(EMPTY, { ...EMPTY })).toBe(true);
    for (const change of [
      { text: "x" },
      { rating: 0.5 },
      { tags: ["wrong"] },
      { edit: "y" },
      { spans: [SPAN] },
    ]) {
      expect(sameDraft(EMPTY, { ...EMPTY, ...change })).toBe(false);
    }
    for (const change of [{ note: "x" }, { severity: "minor" as const }, { anchor: anchor("a bc", 3, 4) }]) {
      const changed = { ...EMPTY, spans: [{ ...SPAN, ...change }] };
      expect(sameDraft({ ...EMPTY, spans: [SPAN] }, changed)).toBe(false);
    }
  });
});
