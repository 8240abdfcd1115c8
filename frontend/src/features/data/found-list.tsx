import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { Found } from "@/queries/data";
import { Row } from "./row";
import type { Selection } from "./use-selection";

const ROW_PX = 62;
const ROWS_AHEAD = 20;

interface FoundListProps {
  project: string;
  levels: number;
  label: string;
  rows: readonly Found[];
  selection: Selection;
  onEnd: () => void;
}

/** As many rows as there are, as few on the page as one sees; near the end it asks for more. */
export function FoundList({ project, levels, label, rows, selection, onEnd }: FoundListProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const shown = list.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - ROWS_AHEAD) onEnd();
  }, [last, rows.length, onEnd]);
  useEffect(() => {
    if (selection.current !== null) list.scrollToIndex(selection.current, { align: "auto" });
  }, [selection.current, list]);
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
        {shown.map((item) => {
          const found = rows[item.index];
          return (
            found && (
              <li
                key={found.row.id}
                className="data-place"
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
              >
                <Row
                  project={project}
                  levels={levels}
                  found={found}
                  isCurrent={selection.current === item.index}
                  isSelected={selection.ids.has(found.row.id)}
                  onSelect={(withRange) => selection.toggle(item.index, withRange)}
                />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
