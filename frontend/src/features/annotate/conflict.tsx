import { SpanList } from "@/components/span-list";
import { texts as all } from "@/lib/texts";
import type { Draft } from "@/queries/critiques";

const texts = all.drafts;

interface ConflictProps {
  mine: Draft;
  theirs: Draft;
  onChoose: (chosen: Draft) => void;
}

/** Two versions of a draft side by side, until a person chooses. */
export function Conflict({ mine, theirs, onChoose }: ConflictProps) {
  const sides = [
    { title: texts.here, draft: mine, action: texts.useHere },
    { title: texts.there, draft: theirs, action: texts.useThere },
  ];
  return (
    <section className="card stack conflict" role="alert" aria-label={texts.conflictTitle}>
      <h2>{texts.conflictTitle}</h2>
      <p>{texts.conflictWhy}</p>
      <div className="sides">
        {sides.map((side) => (
          <div key={side.title} className="stack tight">
            <h3>{side.title}</h3>
            <p className="paper">{side.draft.text || "–"}</p>
            {side.draft.spans && side.draft.spans.length > 0 && <SpanList spans={side.draft.spans} />}
            <button type="button" className="button small" onClick={() => onChoose(side.draft)}>
              {side.action}
            </button>
          </div>
        ))}
      </div>
    </section>
  );
}
