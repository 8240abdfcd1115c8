import { type Span, useMarks } from "@/lib/spans";
import { Markdown } from "./markdown";
import { SpanList } from "./span-list";

/** An answer with the spans of a critique painted over it, and their list below. */
export function MarkedAnswer({ text, spans }: { text: string; spans: readonly Span[] }) {
  const marks = useMarks(spans, text);
  return (
    <>
      <div className="paper">
        <Markdown marks={marks}>{text}</Markdown>
      </div>
      {spans.length > 0 && <SpanList spans={spans} />}
    </>
  );
}
