import type { NewComparisonSet } from "@/queries/comparisons";
import { texts } from "./texts";

type Source = NewComparisonSet["source"];
type Split = "train" | "probe" | "eval";
export type SourceKind = Source["kind"];

/** What the form holds; numbers as they were typed. */
export interface SourceFields {
  kind: SourceKind;
  a: string;
  b: string;
  split: Split;
  n: string;
  pairs: string;
}

/** The source that the fields describe; throws what is wrong in words. */
export function toSource(fields: SourceFields): Source {
  const { split } = fields;
  const n = Number(fields.n);
  if (fields.kind === "attempts") return { kind: "attempts", split, n };
  if (fields.kind === "checkpoints")
    return { kind: "checkpoints", a: Number(fields.a), b: Number(fields.b), split, n };
  return { kind: "rollouts", pairs: readPairs(fields.pairs) };
}

/** Two numbers a line; blank lines are passed over. */
export function readPairs(text: string): [number, number][] {
  return text.split("\n").flatMap((line, place) => {
    if (line.trim() === "") return [];
    const found = /^\s*(\d+)[\s,;]+(\d+)\s*$/.exec(line);
    if (!found) throw new Error(texts.badLine(place + 1));
    return [[Number(found[1]), Number(found[2])] as [number, number]];
  });
}
