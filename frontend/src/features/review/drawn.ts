import { resolve } from "@/lib/anchors";
import type { Mark } from "@/lib/source-plugin";
import type { Span } from "@/lib/spans";

export const LOOKS = 6;

/** The spans of one author: how they look, and the number of the first. */
export interface Drawn {
  look: string;
  first: number;
  spans: readonly Span[];
}

/** Each author's spans under a look of their own, numbered on over all authors. */
export function drawnBy(spansByAuthor: readonly (readonly Span[])[]): Drawn[] {
  let next = 1;
  return spansByAuthor.map((spans, author) => {
    const first = next;
    next += spans.length;
    return { look: `by-${(author % LOOKS) + 1}`, first, spans };
  });
}

/** What to paint over the answer. */
export function marksOf(drawn: readonly Drawn[], text: string): Mark[] {
  return drawn.flatMap(({ look, first, spans }) =>
    spans.flatMap((span, place) => {
      const found = resolve(span.anchor, text);
      return found ? [{ ...found, number: first + place, look }] : [];
    }),
  );
}
