import type { Evaluation } from "@/queries/evaluations";

/** Every scorer that some evaluation used, in the order they first appear. */
export function scorersOf(evaluations: Evaluation[]): string[] {
  return [...new Set(evaluations.flatMap((row) => row.scores.map((score) => score.name)))];
}

/** Two evaluations as before and after: the older checkpoint first, whichever was evaluated first. */
export function inOrder(one: Evaluation, other: Evaluation): [Evaluation, Evaluation] {
  const by = one.checkpoint.id - other.checkpoint.id || one.id - other.id;
  return by <= 0 ? [one, other] : [other, one];
}

/** Choose or drop an evaluation; of more than two the oldest choice is dropped. */
export function toggled(chosen: number[], id: number): number[] {
  return chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id].slice(-2);
}
