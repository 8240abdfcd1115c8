import type { Stretch } from "./anchors";
import { isEven, type Run } from "./source-runs";

/** A place where the keyboard stops: a word, an emoji, or (while extending) a punctuation mark. */
export interface Stop extends Stretch {
  text: string;
  isWord: boolean;
}

const words = new Intl.Segmenter("en", { granularity: "word" });
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}/u;
const RIGHT_TO_LEFT = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}/u;

/** The stops of rendered runs; a word may go through markup, but not from one line of the source to the next. */
export function stopsOf(runs: readonly Run[], source: string): Stop[] {
  let joined = "";
  const placed = runs.map((run, index) => {
    const before = runs[index - 1];
    if (before && (run.from < before.to || /[\r\n]/.test(source.slice(before.to, run.from)))) joined += "\n";
    const offset = joined.length;
    joined += run.text;
    return { ...run, offset };
  });
  let current = 0;
  return [...words.segment(joined)].flatMap(({ segment, index, isWordLike }) => {
    if (segment.trim() === "") return [];
    while (endOf(placed[current]) <= index) current += 1;
    const last = placed.findIndex((run, place) => place >= current && endOf(run) >= index + segment.length);
    const [first, final] = [placed[current], placed[last]];
    if (!first || !final) return [];
    const from = isEven(first) ? first.from + index - first.offset : first.from;
    const to = isEven(final) ? final.from + index + segment.length - final.offset : final.to;
    return [{ text: segment, from, to, isWord: Boolean(isWordLike) || PICTURE.test(segment) }];
  });
}

/** Whether a stop's text is read from right to left, so that the left arrow goes on. */
export function isRightToLeft(stop: Stop): boolean {
  return RIGHT_TO_LEFT.test(stop.text);
}

function endOf(run: { offset: number; text: string } | undefined): number {
  return run ? run.offset + run.text.length : Number.POSITIVE_INFINITY;
}
