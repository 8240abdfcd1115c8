import { diffWordsWithSpace } from "diff";
import { useMemo } from "react";

/** What changed from one text to the other, word by word. */
export function Diff({ from, to }: { from: string; to: string }) {
  const parts = useMemo(() => diffWordsWithSpace(from, to), [from, to]);
  return (
    <p className="paper">
      {parts.map((part, place) => {
        const key = `${place}-${part.value.length}`;
        if (part.added) return <ins key={key}>{part.value}</ins>;
        if (part.removed) return <del key={key}>{part.value}</del>;
        return <span key={key}>{part.value}</span>;
      })}
    </p>
  );
}
