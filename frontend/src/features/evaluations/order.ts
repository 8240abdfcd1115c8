import type { Comparison } from "@/queries/evaluations";

export type Change = "all" | "better" | "worse" | "same";
type Row = Comparison["rows"][number];

/** How much a score changed from a to b. */
export function changeOf(row: Row, score: string): number {
  return (row.b.scores[score] ?? 0) - (row.a.scores[score] ?? 0);
}

/** Rows of the chosen kind of change, the largest changes first. */
export function ordered(rows: Row[], score: string, change: Change): Row[] {
  const wanted = {
    all: () => true,
    better: (by: number) => by > 0,
    worse: (by: number) => by < 0,
    same: (by: number) => by === 0,
  }[change];
  return rows
    .filter((row) => wanted(changeOf(row, score)))
    .sort((one, other) => Math.abs(changeOf(other, score)) - Math.abs(changeOf(one, score)));
}
