import { type RefObject, useLayoutEffect, useState } from "react";
import type { Stretch } from "@/lib/anchors";
import { rangeOf } from "@/lib/selection";

const GAP = 8;
/** As wide as what is placed may be; see spanned-answer.css. */
const WIDTH = 320;

/** Where in the frame a box under the end of a stretch of the answer stands; null where there is none. */
export function usePlace(
  frame: RefObject<HTMLElement | null>,
  answer: RefObject<HTMLElement | null>,
  stretch: Stretch | null,
): { top: number; left: number } | null {
  const [place, setPlace] = useState<{ top: number; left: number } | null>(null);
  const from = stretch?.from ?? 0;
  const to = stretch?.to ?? 0;
  useLayoutEffect(() => {
    const range = answer.current && rangeOf({ from, to }, answer.current);
    if (!range || !frame.current) {
      setPlace(null);
      return;
    }
    const outer = frame.current.getBoundingClientRect();
    const last = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect();
    const left = Math.max(0, Math.min(last.left - outer.left, outer.width - WIDTH));
    setPlace({ top: last.bottom - outer.top + GAP, left });
  }, [frame, answer, from, to]);
  return place;
}
