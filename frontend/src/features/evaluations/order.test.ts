import { describe, expect, it } from "vitest";
import { ordered } from "./order";

const row = (id: number, before: number, after: number) => ({
  prompt_id: id,
  prompt_text: `prompt ${id}`,
  a: { text: "", scores: { concise: before } },
  b: { text: "", scores: { concise: after } },
});
const ROWS = [row(1, 0, 0), row(2, 0, 0.5), row(3, 1, 0)];
const ids = (rows: { prompt_id: number }[]) => rows.map((found) => found.prompt_id);

describe("comparison rows", () => {
  it("stand by the size of the change, whatever its sign", () => {
    expect(ids(ordered(ROWS, "concise", "all"))).toEqual([3, 2, 1]);
  });

  it("can be narrowed to one kind of change", () => {
    expect(ids(ordered(ROWS, "concise", "better"))).toEqual([2]);
    expect(ids(ordered(ROWS, "concise", "worse"))).toEqual([3]);
    expect(ids(ordered(ROWS, "concise", "same"))).toEqual([1]);
  });
});
