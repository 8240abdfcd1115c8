import { useCallback, useMemo, useState } from "react";
import type { Walk } from "@/lib/use-walk";

export interface Selection {
  ids: ReadonlySet<number>;
  /** How many match, where everything that matches is selected; else null. */
  matching: number | null;
  has: (id: number) => boolean;
  toggle: (place: number, withRange: boolean) => void;
  loaded: () => void;
  everything: (count: number) => void;
  clear: () => void;
}

/** What one has selected in a list; a range goes from the last place that was toggled.
 *
 * Everything that matches is selected under one question (`asked`) only: another filter has another everything.
 */
export function useSelection(ids: readonly number[], walk: Walk, asked: string): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [anchor, setAnchor] = useState<number | null>(null);
  const [all, setAll] = useState<{ asked: string; count: number } | null>(null);
  const matching = all?.asked === asked ? all.count : null;
  const { stand } = walk;
  const toggle = useCallback(
    (place: number, withRange: boolean) => {
      const before = matching === null ? null : new Set(ids);
      setChosen((known) => toggled(before ?? known, ids, place, withRange ? anchor : null));
      setAll(null);
      setAnchor(place);
      stand(place);
    },
    [ids, anchor, matching, stand],
  );
  return useMemo(
    () => ({
      ids: chosen,
      matching,
      has: (id: number) => matching !== null || chosen.has(id),
      toggle,
      loaded: () => {
        setAll(null);
        setChosen(new Set(ids));
      },
      everything: (count: number) => setAll({ asked, count }),
      clear: () => {
        setAll(null);
        setChosen(new Set());
      },
    }),
    [chosen, matching, toggle, ids, asked],
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
