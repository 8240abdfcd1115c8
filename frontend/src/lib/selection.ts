import type { Stretch } from "./anchors";
import { isEven, type Run } from "./source-runs";

/** A run with the text node that shows it. */
export interface ShownRun extends Run {
  node: Text;
}

/** The runs that an element shows, in the order of the page. */
export function shownRuns(within: Element): ShownRun[] {
  return [...within.querySelectorAll<HTMLElement>("[data-from]")].flatMap((element) => {
    const node = element.firstChild;
    if (!(node instanceof Text)) return [];
    return [{ node, text: node.data, from: Number(element.dataset.from), to: Number(element.dataset.to) }];
  });
}

/**
 * The stretch of the source that a range of the page selects; null where it selects nothing of it. Blanks at its ends
 * are left out, and markdown that the selection goes through is taken whole, so that a quote is whole markdown too.
 */
export function stretchOf(range: Range, within: Element, source: string): Stretch | null {
  const parts = shownRuns(within).flatMap((run) => partOf(range, run));
  if (parts.length === 0) return null;
  const from = Math.min(...parts.map((part) => part.from));
  const to = Math.max(...parts.map((part) => part.to));
  const quote = source.slice(from, to);
  if (quote.trim() === "") return null;
  const start = from + quote.length - quote.trimStart().length;
  return withMarkup({ from: start, to: start + quote.trim().length }, within);
}

/** The range of the page that shows a stretch of the source; null where nothing of it is shown. */
export function rangeOf(stretch: Stretch, within: Element): Range | null {
  const shown = shownRuns(within).filter((run) => run.from < stretch.to && stretch.from < run.to);
  const first = shown[0];
  const last = shown.at(-1);
  if (!first || !last) return null;
  const range = document.createRange();
  range.setStart(first.node, isEven(first) ? Math.max(0, stretch.from - first.from) : 0);
  range.setEnd(
    last.node,
    isEven(last) ? Math.min(last.text.length, stretch.to - last.from) : last.text.length,
  );
  return range;
}

function partOf(range: Range, run: ShownRun): Stretch[] {
  if (!range.intersectsNode(run.node)) return [];
  const start = range.startContainer === run.node ? range.startOffset : 0;
  const end = range.endContainer === run.node ? range.endOffset : run.text.length;
  if (start >= end) return [];
  return [isEven(run) ? { from: run.from + start, to: run.from + end } : { from: run.from, to: run.to }];
}

/** Where a stretch enters or leaves bold text, a link or the like, its whole markdown belongs to it. */
function withMarkup(stretch: Stretch, within: Element): Stretch {
  let { from, to } = stretch;
  const inline = [...within.querySelectorAll<HTMLElement>("[data-outer-from]")].reverse();
  for (const element of inline) {
    const runs = shownRuns(element);
    const first = runs[0]?.from ?? 0;
    const last = runs.at(-1)?.to ?? 0;
    if (from < first && to === last) to = Number(element.dataset.outerTo);
    if (from === first && to > last) from = Number(element.dataset.outerFrom);
  }
  return { from, to };
}
