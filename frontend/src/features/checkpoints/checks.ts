import type { Shapes } from "@/lib/api";
import type { Checkpoint } from "@/queries/checkpoints";

type Check = Shapes["GateCheckShape"];
/** Passed; waiting for something that can still be done; or measured and found wanting. */
export type Verdict = "passed" | "open" | "failed";

export const EVALUATED = "Evaluated";
export const SERVED_EVALUATED = "Served model evaluated";
const AS_TRAINED = "Served as trained";

/** What a line of the checklist says about a checkpoint. */
export function verdictOf(check: Check, state: Checkpoint["state"]): Verdict {
  if (check.passed) return "passed";
  if (check.name === EVALUATED || check.name === SERVED_EVALUATED) return "open";
  if (check.name === AS_TRAINED && state === "written") return "open";
  return "failed";
}

/** Whether the line of that name is there and not passed. */
export function lacks(checks: Check[], name: string): boolean {
  return checks.some((check) => check.name === name && !check.passed);
}
