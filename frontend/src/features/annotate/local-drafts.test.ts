import { beforeEach, describe, expect, it } from "vitest";
import { forgetLocal, localCopy, rememberLocal, sameDraft } from "./local-drafts";

const EMPTY = { text: "", rating: null, tags: [], edit: null };
const typed = (text: string) => ({ draft: { ...EMPTY, text }, version: 3 });

describe("drafts in the browser", () => {
  beforeEach(() => localStorage.clear());

  it("are given back, with the version they were typed upon, when the server never got them", () => {
    rememberLocal(7, typed("typed on a train"));
    expect(localCopy(7, EMPTY)).toEqual(typed("typed on a train"));
    expect(localCopy(8, EMPTY)).toBeNull();
  });

  it("are not restored when the server has the same", () => {
    rememberLocal(7, typed("saved"));
    expect(localCopy(7, { ...EMPTY, text: "saved" })).toBeNull();
  });

  it("are gone once forgotten", () => {
    rememberLocal(7, typed("done"));
    forgetLocal(7);
    expect(localCopy(7, EMPTY)).toBeNull();
  });

  it("differ by any of text, rating, tags and edit", () => {
    expect(sameDraft(EMPTY, { ...EMPTY })).toBe(true);
    for (const change of [{ text: "x" }, { rating: 0.5 }, { tags: ["wrong"] }, { edit: "y" }]) {
      expect(sameDraft(EMPTY, { ...EMPTY, ...change })).toBe(false);
    }
  });
});
