import type { Comparison, Difference } from "@/queries/evaluations";

export type Change = "all" | "better" | "worse" | "same";
type Row = Comparison["rows"][number];

/** Scores closer than this are the same; the rest is rounding. */
const SAME = 1e-9;

const WANTED: Record<Change, (by: number) => boolean> = {
  all: () => true,
  better: (by) => by > SAME,
  worse: (by) => by < -SAME,
  same: (by) => Math.abs(by) <= SAME,
};

/** How much a score changed from a to b. */
export function changeOf(row: Row, score: string): number {
  return (row.b.scores[score] ?? 0) - (row.a.scores[score] ?? 0);
}

/** Rows of the chosen kind of change, the largest changes first. */
export function ordered(rows: Row[], score: string, change: Change): Row[] {
  return rows
    .filter((row) => WANTED[change](changeOf(row, score)))
    .sort((one, other) => Math.abs(changeOf(other, score)) - Math.abs(changeOf(one, score)));
}

/** How many rows there are of a kind of change. */
export function countOf(rows: Row[], score: string, change: Change): number {
  return rows.filter((row) => WANTED[change](changeOf(row, score))).length;
}

/** What a paired difference says: only an interval clear of zero says anything. */
export function verdictOf(difference: Pick<Difference, "low" | "high">): "better" | "worse" | "unclear" {
  if (difference.low > 0) return "better";
  return difference.high < 0 ? "worse" : "unclear";
}
