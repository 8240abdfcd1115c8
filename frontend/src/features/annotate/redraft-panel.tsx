import { type RefObject, useState } from "react";
import { Diff } from "@/components/diff";
import { Markdown } from "@/components/markdown";
import { Rating } from "@/components/rating";
import type { Redraft, Verdict } from "@/queries/critiques";
import { texts } from "./texts";
import type { useRedraft } from "./use-redraft";

const VERDICTS: Verdict[] = ["better", "same", "worse"];

interface RedraftPanelProps {
  redraft: ReturnType<typeof useRedraft>;
  answer: string;
  levels: number;
  box: RefObject<HTMLElement | null>;
}

/** The model's second attempt as it streams in, and what the annotator says of it. */
export function RedraftPanel({ redraft, answer, levels, box }: RedraftPanelProps) {
  const { redrafts, streaming, asking } = redraft;
  const latest = redrafts.at(-1);
  const earlier = redrafts.slice(0, streaming || asking ? undefined : -1);
  return (
    <section
      ref={box}
      className="card stack redraft"
      aria-labelledby="redraft-title"
      aria-busy={asking}
      tabIndex={-1}
    >
      <h2 id="redraft-title" className="eyebrow">
        {texts.redraftTitle}
      </h2>
      <div aria-live="polite">
        {streaming || asking ? (
          <>
            <p className="paper streaming">
              {streaming?.text}
              {asking && <span className="caret" aria-hidden="true" />}
              {!streaming && <span className="visually-hidden">{texts.redrafting}</span>}
            </p>
            {streaming?.isCut && <p className="small muted">{texts.incomplete}</p>}
          </>
        ) : latest ? (
          <Judged row={latest} answer={answer} levels={levels} onJudge={redraft.judge} />
        ) : (
          <p className="muted">{texts.redraftPlace}</p>
        )}
      </div>
      {earlier.length > 0 && (
        <details>
          <summary>{texts.earlier(earlier.length)}</summary>
          <ol className="stack tight">
            {earlier.map((row) => (
              <li key={row.rollout.id} className="small">
                {row.rollout.text}{" "}
                {row.verdict && <span className="badge">{texts.verdicts[row.verdict]}</span>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

interface JudgedProps {
  row: Redraft;
  answer: string;
  levels: number;
  onJudge: (rollout: number, verdict: Verdict | null, rating: number | null) => void;
}

function Judged({ row, answer, levels, onJudge }: JudgedProps) {
  const [showsDiff, setShowsDiff] = useState(false);
  const { rollout, verdict, rating } = row;
  return (
    <div className="stack">
      {showsDiff ? (
        <Diff from={answer} to={rollout.text} />
      ) : (
        <div className="paper">
          <Markdown>{rollout.text}</Markdown>
        </div>
      )}
      {rollout.state !== "complete" && <p className="small muted">{texts.incomplete}</p>}
      <fieldset className="tags">
        <legend>{texts.better}</legend>
        {VERDICTS.map((name, place) => (
          <button
            key={name}
            type="button"
            className="button small"
            aria-pressed={verdict === name}
            onClick={() => onJudge(rollout.id, verdict === name ? null : name, rating)}
          >
            <span className="keycap">{place + 1}</span> {texts.verdicts[name]}
          </button>
        ))}
        <button
          type="button"
          className="button quiet small"
          aria-pressed={showsDiff}
          onClick={() => setShowsDiff(!showsDiff)}
        >
          {texts.changes}
        </button>
      </fieldset>
      <Rating
        label={texts.redraftRating}
        levels={levels}
        value={rating}
        onChange={(value) => onJudge(rollout.id, verdict, value)}
      />
    </div>
  );
}
