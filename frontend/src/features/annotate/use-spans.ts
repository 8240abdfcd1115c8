import { useState } from "react";
import type { Stretch } from "@/lib/anchors";
import { type Severity, type Span, withSpan } from "@/lib/spans";

/** Putting spans into a draft and taking them out; which one is open, and the last one taken out. */
export function useSpans(answer: string, spans: readonly Span[], onChange: (spans: Span[]) => void) {
  const [edited, setEdited] = useState<number | null>(null);
  const [removed, setRemoved] = useState<{ span: Span; place: number } | null>(null);
  return {
    edited,
    span: edited === null ? undefined : spans[edited],
    edit: setEdited,
    hasRemoved: removed !== null,
    take: (stretch: Stretch, severity: Severity = "major") => {
      const next = withSpan(spans, answer, stretch, severity);
      onChange(next.spans);
      setEdited(next.place);
      setRemoved(null);
    },
    change: (place: number, span: Span) => onChange(spans.with(place, span)),
    remove: (place: number) => {
      const span = spans[place];
      if (!span) return;
      onChange(spans.toSpliced(place, 1));
      setEdited(null);
      setRemoved({ span, place });
    },
    undo: () => {
      if (removed) onChange(spans.toSpliced(removed.place, 0, removed.span));
      setRemoved(null);
    },
  };
}
