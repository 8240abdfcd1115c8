import { useMemo, useRef } from "react";
import { anchor, resolve, type Stretch } from "./anchors";
import type { Shapes } from "./api";
import type { Mark } from "./source-plugin";

export type Span = Shapes["Span"];
export type Severity = Shapes["Severity"];

export const SEVERITIES: readonly Severity[] = ["minor", "major", "critical"];
export const MAX_NOTE = 2000;

/** Spans with one more over a stretch, in the order of the text, and the place of that one; the same place is kept. */
export function withSpan(spans: readonly Span[], text: string, { from, to }: Stretch, severity: Severity) {
  const made = { anchor: anchor(text, from, to), note: "", severity };
  const isThere = ({ anchor: { start, end } }: Span) =>
    start === made.anchor.start && end === made.anchor.end;
  const known = spans.findIndex(isThere);
  if (known >= 0) return { spans: [...spans], place: known };
  const later = spans.findIndex((span) => span.anchor.start > made.anchor.start);
  const place = later < 0 ? spans.length : later;
  return { spans: spans.toSpliced(place, 0, made), place };
}

/** What to paint over the text, each span under its number in the list; the same object until something moves. */
export function useMarks(spans: readonly Span[], text: string): readonly Mark[] {
  const made = useMemo(() => marksOf(spans, text), [spans, text]);
  const kept = useRef(made);
  if (JSON.stringify(kept.current) !== JSON.stringify(made)) kept.current = made;
  return kept.current;
}

function marksOf(spans: readonly Span[], text: string): Mark[] {
  return spans.flatMap((span, place) => {
    const found = resolve(span.anchor, text);
    return found ? [{ ...found, number: place + 1, look: span.severity }] : [];
  });
}
