import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";

const ROW_PX = 62;
const ROWS_AHEAD = 20;

interface LongListProps {
  label: string;
  ids: readonly number[];
  current: number | null;
  onEnd: () => void;
  children: (place: number) => ReactNode;
}

/** As many rows as there are, as few on the page as one sees; near the end it asks for more. */
export function LongList({ label, ids, current, onEnd, children }: LongListProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: ids.length,
    getScrollElement: () => box.current,
    getItemKey: (place) => ids[place] ?? place,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const shown = list.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= ids.length - ROWS_AHEAD) onEnd();
  }, [last, ids.length, onEnd]);
  useEffect(() => {
    if (current !== null) list.scrollToIndex(current, { align: "auto" });
  }, [current, list]);
  return (
    <section
      ref={box}
      className="card flush data-list"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={{ height: list.getTotalSize() + 2 }}
    >
      <ul className="data-all" style={{ height: list.getTotalSize() }}>
        {shown.map((item) => (
          <li
            key={item.key}
            ref={list.measureElement}
            data-index={item.index}
            className="data-place"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {children(item.index)}
          </li>
        ))}
      </ul>
    </section>
  );
}
