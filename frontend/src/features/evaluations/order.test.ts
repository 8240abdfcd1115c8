import { describe, expect, it } from "vitest";
import { countOf, ordered, verdictOf } from "./order";

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

describe("counts and verdicts", () => {
  it("count every kind, rounding aside", () => {
    const rows = [...ROWS, row(4, 0.1 + 0.2, 0.3)];
    expect(["all", "better", "worse", "same"].map((kind) => countOf(rows, "concise", kind as "all"))).toEqual(
      [4, 1, 1, 2],
    );
  });

  it("call a difference better or worse only where its interval is clear of zero", () => {
    expect(verdictOf({ low: 0.1, high: 0.4 })).toBe("better");
    expect(verdictOf({ low: -0.4, high: -0.1 })).toBe("worse");
    expect(verdictOf({ low: -0.1, high: 0.4 })).toBe("unclear");
    expect(verdictOf({ low: 0, high: 0 })).toBe("unclear");
  });
});
