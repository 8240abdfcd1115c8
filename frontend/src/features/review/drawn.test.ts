import { describe, expect, it } from "vitest";
import { anchor } from "@/lib/anchors";
import type { Span } from "@/lib/spans";
import { drawnBy, LOOKS, marksOf } from "./drawn";

const TEXT = "Rain is water. It falls.";
const span = (from: number, to: number): Span => ({
  anchor: anchor(TEXT, from, to),
  note: "",
  severity: "minor",
});

describe("spans of several authors", () => {
  it("are numbered on from one author to the next, each author with one look", () => {
    const drawn = drawnBy([[span(0, 4), span(8, 13)], [], [span(0, 7)]]);
    expect(drawn.map(({ look, first }) => [look, first])).toEqual([
      ["by-1", 1],
      ["by-2", 3],
      ["by-3", 3],
    ]);
    expect(marksOf(drawn, TEXT).map(({ number, look, from, to }) => [number, look, from, to])).toEqual([
      [1, "by-1", 0, 4],
      [2, "by-1", 8, 13],
      [3, "by-3", 0, 7],
    ]);
  });

  it("begin the looks anew when there are more authors than looks", () => {
    const drawn = drawnBy(Array.from({ length: LOOKS + 1 }, () => []));
    expect(drawn.at(-1)?.look).toBe("by-1");
  });

  it("are left out where they do not stand in the text", () => {
    expect(marksOf(drawnBy([[span(0, 4)]]), "Another answer.")).toEqual([]);
  });
});
