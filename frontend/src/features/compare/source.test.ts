import { describe, expect, it } from "vitest";
import { readPairs, toSource } from "./source";

describe("pairs of rollout numbers", () => {
  it("stand one a line, parted by blanks or commas", () => {
    expect(readPairs("12 31\n\n 4, 5 \n")).toEqual([
      [12, 31],
      [4, 5],
    ]);
  });

  it("name the line that is wrong", () => {
    expect(() => readPairs("1 2\n3\n")).toThrow("Line 2");
    expect(() => readPairs("1 2 3")).toThrow("Line 1");
    expect(() => readPairs("-1 2")).toThrow("Line 1");
  });
});

it("a source holds only what its kind asks for", () => {
  const fields = { a: "3", b: "4", split: "eval" as const, n: "20", pairs: "1 2" };
  expect(toSource({ ...fields, kind: "attempts" })).toEqual({ kind: "attempts", split: "eval", n: 20 });
  expect(toSource({ ...fields, kind: "rollouts" })).toEqual({ kind: "rollouts", pairs: [[1, 2]] });
  expect(toSource({ ...fields, kind: "checkpoints" })).toMatchObject({ a: 3, b: 4, split: "eval" });
});
