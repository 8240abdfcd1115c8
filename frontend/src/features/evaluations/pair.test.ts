import { describe, expect, it } from "vitest";
import type { Evaluation } from "@/queries/evaluations";
import { inOrder, scorersOf, toggled } from "./pair";

const row = (id: number, checkpoint: number, scorers: string[] = []) =>
  ({
    id,
    checkpoint: { id: checkpoint, name: `c${checkpoint}` },
    scores: scorers.map((name) => ({ name, mean: 0, low: 0, high: 0, n: 1 })),
  }) as Evaluation;
const ids = (rows: Evaluation[]) => rows.map((found) => found.id);

describe("a pair of evaluations", () => {
  it("puts the older checkpoint before, even if it was evaluated last", () => {
    expect(ids(inOrder(row(1, 7), row(2, 3)))).toEqual([2, 1]);
    expect(ids(inOrder(row(2, 3), row(1, 7)))).toEqual([2, 1]);
  });

  it("puts the earlier of two evaluations of one checkpoint before", () => {
    expect(ids(inOrder(row(5, 3), row(4, 3)))).toEqual([4, 5]);
  });

  it("keeps the two newest choices", () => {
    expect(toggled([], 1)).toEqual([1]);
    expect(toggled([1, 2], 3)).toEqual([2, 3]);
    expect(toggled([1, 2], 1)).toEqual([2]);
  });
});

it("lists the scorers of all evaluations, also when the newest has none yet", () => {
  expect(scorersOf([row(3, 1), row(2, 1, ["concise"]), row(1, 1, ["concise", "on_topic"])])).toEqual([
    "concise",
    "on_topic",
  ]);
});
