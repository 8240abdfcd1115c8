import { type KeyboardEvent, type RefObject, useCallback, useLayoutEffect, useState } from "react";
import type { Stretch } from "@/lib/anchors";
import { rangeOf, shownRuns } from "@/lib/selection";
import { isRightToLeft, type Stop, stopsOf } from "@/lib/stops";

/** The stops of the answer, and the two between which it is selected. */
interface Marking {
  stops: Stop[];
  fixed: number;
  moving: number;
}

/**
 * Selecting in the answer by keyboard alone: arrows move from word to word and from line to line, Shift extends,
 * Enter takes, Escape leaves.
 */
export function useMarking(
  box: RefObject<HTMLElement | null>,
  source: string,
  onTake: (stretch: Stretch) => void,
  onLeave: () => void,
) {
  const [marking, setMarking] = useState<Marking | null>(null);
  const stretch = marking && between(marking);

  const start = useCallback(() => {
    const answer = box.current;
    if (!answer) return;
    const stops = stopsOf(shownRuns(answer), source);
    const first = stops.findIndex((stop) => stop.isWord);
    if (first < 0) return;
    answer.focus();
    setMarking({ stops, fixed: first, moving: first });
  }, [box, source]);

  useLayoutEffect(() => {
    const range = marking && box.current && rangeOf(between(marking), box.current);
    if (!range) return;
    window
      .getSelection()
      ?.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    const moved = marking.stops[marking.moving];
    const at = moved && box.current && rangeOf(moved, box.current);
    at?.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  }, [box, marking]);

  const leave = () => {
    if (!marking) return;
    setMarking(null);
    window.getSelection()?.removeAllRanges();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!marking || !stretch || !box.current) return;
    const isDone = event.key === "Enter" || event.key === "Escape";
    const moving = move(event, marking, box.current);
    if (!isDone && moving === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") onLeave();
    if (isDone) leave();
    if (event.key === "Enter") onTake(stretch);
    if (moving !== null) setMarking({ ...marking, moving, fixed: event.shiftKey ? marking.fixed : moving });
  };

  return {
    isOn: marking !== null,
    words: stretch && source.slice(stretch.from, stretch.to),
    start,
    leave,
    onKeyDown,
  };
}

function between({ stops, fixed, moving }: Marking): Stretch {
  const ends = [stops[fixed], stops[moving]].filter((stop) => stop !== undefined);
  return { from: Math.min(...ends.map((stop) => stop.from)), to: Math.max(...ends.map((stop) => stop.to)) };
}

/** The stop to which a key leads; null for a key that does not move. */
function move(event: KeyboardEvent, { stops, moving }: Marking, box: HTMLElement): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const current = stops[moving];
  if (!current) return null;
  const onward = isRightToLeft(current) ? "ArrowLeft" : "ArrowRight";
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight":
      return beside(stops, moving, event.key === onward ? 1 : -1, event.shiftKey);
    case "ArrowDown":
      return onNextLine(stops, moving, 1, box);
    case "ArrowUp":
      return onNextLine(stops, moving, -1, box);
    case "Home":
      return 0;
    case "End":
      return stops.length - 1;
    default:
      return null;
  }
}

function beside(stops: Stop[], from: number, step: 1 | -1, extends_: boolean): number {
  for (let place = from + step; stops[place]; place += step)
    if (extends_ || stops[place]?.isWord) return place;
  return from;
}

/** The stop of the next line that lies nearest to the side of this one. */
function onNextLine(stops: Stop[], from: number, step: 1 | -1, box: HTMLElement): number {
  const here = rectangle(stops[from], box);
  let best = from;
  let line: DOMRect | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (let place = from + step; here && stops[place]; place += step) {
    const there = rectangle(stops[place], box);
    if (!there || isOneLine(here, there)) continue;
    line ??= there;
    if (!isOneLine(line, there)) break;
    const distance = Math.abs(centre(there) - centre(here));
    if (distance < nearest) [best, nearest] = [place, distance];
  }
  return best;
}

function rectangle(stop: Stop | undefined, box: HTMLElement): DOMRect | null {
  return (stop && rangeOf(stop, box)?.getBoundingClientRect()) ?? null;
}

const centre = (rect: DOMRect) => rect.left + rect.width / 2;
const isOneLine = (one: DOMRect, other: DOMRect) => one.top < other.bottom && other.top < one.bottom;
