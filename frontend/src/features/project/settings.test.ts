import { describe, expect, it } from "vitest";
import { draftOf, isChanged, patchOf, tagsOf } from "./settings";

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
    expect(patchOf(SAVED, { ...SAVED, guidelines: "Be brief.", levels: "7" })).toEqual({
      guidelines: "Be brief.",
      rating_levels: 7,
    });
  });

  it("know when there is nothing to save", () => {
    expect(isChanged(SAVED, { ...SAVED })).toBe(false);
    expect(isChanged(SAVED, { ...SAVED, name: "Other" })).toBe(true);
  });

  it("can be emptied of tags", () => {
    expect(patchOf(SAVED, { ...SAVED, tags: " " })).toEqual({ tags: [] });
  });
});

it("takes tags apart at commas, without blanks and doubles", () => {
  expect(tagsOf("wrong,, too long , wrong")).toEqual(["wrong", "too long"]);
});
