import { describe, expect, it } from "vitest";
import { draftOf, isChanged, patchOf } from "./settings";

const SAVED = draftOf({
  slug: "demo",
  name: "Demo",
  guidelines: "",
  overlap: 2,
  rating_levels: 5,
  tags: ["wrong", "too long"],
  role: "owner",
});

describe("the settings of a project", () => {
  it("send only what was changed", () => {
    expect(patchOf(SAVED, { ...SAVED, overlap: "3" })).toEqual({ overlap: 3 });
    expect(patchOf(SAVED, { ...SAVED, guidelines: "Be brief." })).toEqual({
      guidelines: "Be brief.",
    });
  });

  it("know when there is nothing to save", () => {
    expect(isChanged(SAVED, { ...SAVED })).toBe(false);
    expect(isChanged(SAVED, { ...SAVED, name: "Other" })).toBe(true);
  });
});
