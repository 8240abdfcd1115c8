import { useCallback, useMemo, useState } from "react";

export interface Selection {
  current: number | null;
  ids: ReadonlySet<number>;
  move: (by: number) => void;
  toggle: (place: number, withRange: boolean) => void;
  all: () => void;
  clear: () => void;
}

/** Where one stands in a list and what one has selected; a range goes from the last place that was toggled. */
export function useSelection(ids: readonly number[]): Selection {
  const [current, setCurrent] = useState<number | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [anchor, setAnchor] = useState<number | null>(null);
  const move = useCallback(
    (by: number) =>
      setCurrent((place) => Math.min(Math.max(place === null ? 0 : place + by, 0), ids.length - 1)),
    [ids.length],
  );
  const toggle = useCallback(
    (place: number, withRange: boolean) => {
      setChosen((known) => toggled(known, ids, place, withRange ? anchor : null));
      setAnchor(place);
      setCurrent(place);
    },
    [ids, anchor],
  );
  return useMemo(
    () => ({
      current,
      ids: chosen,
      move,
      toggle,
      all: () => setChosen(new Set(ids)),
      clear: () => setChosen(new Set()),
    }),
    [current, chosen, move, toggle, ids],
  );
}

/** The selection after a place was toggled; with an anchor everything from there to the place is selected. */
export function toggled(
  known: ReadonlySet<number>,
  ids: readonly number[],
  place: number,
  anchor: number | null,
): ReadonlySet<number> {
  const next = new Set(known);
  const id = ids[place];
  if (id === undefined) return known;
  if (anchor !== null) {
    for (const each of ids.slice(Math.min(anchor, place), Math.max(anchor, place) + 1)) next.add(each);
  } else if (!next.delete(id)) next.add(id);
  return next;
}
