import type { ReactNode } from "react";
import type { Severity, Span } from "@/lib/spans";
import { texts } from "@/lib/texts";
import "./spans.css";

interface SpanListProps {
  spans: readonly Span[];
  /** The number of the first one. */
  first?: number;
  /** Buttons for the span at a place. */
  actions?: (place: number) => ReactNode;
}

/** The spans of a critique: number, severity, quote and note. */
export function SpanList({ spans, first = 1, actions }: SpanListProps) {
  return (
    <ol className="spans" start={first} aria-label={texts.spans.title}>
      {spans.map((span, place) => (
        <li key={`${span.anchor.start}-${span.anchor.end}`}>
          <span className="span-number" aria-hidden="true">
            {place + first}
          </span>
          <div className="span-said">
            <q className="span-quote" dir="auto">
              {span.anchor.quote}
            </q>
            {span.note && (
              <p className="span-note" dir="auto">
                {span.note}
              </p>
            )}
            <span className="row small">
              <SeverityBadge severity={span.severity} />
              {actions?.(place)}
            </span>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** The name of a severity, looking as its marks do. */
export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span className="severity" data-looks={severity}>
      {texts.spans.severities[severity]}
    </span>
  );
}
