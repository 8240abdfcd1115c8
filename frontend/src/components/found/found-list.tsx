import { type ReactNode, useMemo, useRef } from "react";
import { useKeys } from "@/lib/use-keys";
import type { Walk } from "@/lib/use-walk";
import "./found.css";
import { LongList } from "./long-list";
import { texts } from "./texts";

interface FoundListProps {
  label: string;
  ids: readonly number[];
  walk: Walk;
  hasMore: boolean;
  onEnd: () => void;
  /** Which keys act. */
  keys: string;
  /** Beside the number of rows. */
  beside?: ReactNode;
  /** The row at a place; the one where one stands is marked as current and opens by its first link. */
  children: (place: number) => ReactNode;
}

/** What was found as a list of any length: how much there is, the rows, and the keys to walk through them. */
export function FoundList({ label, ids, walk, hasMore, onEnd, keys, beside, children }: FoundListProps) {
  const all = useRef<HTMLDivElement>(null);
  const actions = useMemo(
    () => ({
      J: () => walk.move(1),
      K: () => walk.move(-1),
      O: () => all.current?.querySelector<HTMLElement>("[aria-current] a, [aria-current] summary")?.click(),
    }),
    [walk],
  );
  useKeys(actions);
  return (
    <div className="stack tight" ref={all}>
      <div className="row apart small muted">
        <span role="status">{texts.loaded(ids.length, hasMore)}</span>
        {beside}
      </div>
      <LongList label={label} ids={ids} current={walk.current} onEnd={onEnd}>
        {children}
      </LongList>
      <p className="small muted by-key">{keys}</p>
    </div>
  );
}
