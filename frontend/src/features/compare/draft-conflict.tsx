import { texts as all } from "@/lib/texts";
import type { PreferenceDraft } from "@/queries/comparisons";
import { texts } from "./texts";

interface DraftConflictProps {
  mine: PreferenceDraft;
  theirs: PreferenceDraft;
  onChoose: (chosen: PreferenceDraft) => void;
}

/** What was said here and elsewhere, until a person chooses. */
export function DraftConflict({ mine, theirs, onChoose }: DraftConflictProps) {
  const t = all.drafts;
  const sides = [
    { title: t.here, draft: mine, action: t.useHere },
    { title: t.there, draft: theirs, action: t.useThere },
  ];
  return (
    <section className="card stack conflict" role="alert" aria-label={t.conflictTitle}>
      <h2>{t.conflictTitle}</h2>
      <p>{t.conflictWhy}</p>
      <div className="sides">
        {sides.map(({ title, draft, action }) => (
          <div key={title} className="stack tight">
            <h3>{title}</h3>
            <p>{draft.choice === null ? "–" : texts.strengths[draft.choice - 1]}</p>
            <p>{draft.text}</p>
            <button type="button" className="button small" onClick={() => onChoose(draft)}>
              {action}
            </button>
          </div>
        ))}
      </div>
    </section>
  );
}
