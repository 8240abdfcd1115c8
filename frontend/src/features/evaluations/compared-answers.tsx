import { useState } from "react";
import { Diff } from "@/components/diff";
import { signed } from "@/lib/format";
import { texts as common } from "@/lib/texts";
import type { Comparison } from "@/queries/evaluations";
import { type Change, changeOf, countOf, ordered } from "./order";
import { texts } from "./texts";

const CHANGES: Change[] = ["all", "better", "worse", "same"];
const PAGE = 25;
type Row = Comparison["rows"][number];

/** The answers of both, the largest change first. */
export function ComparedAnswers({ rows, scorers }: { rows: Row[]; scorers: string[] }) {
  const [chosen, setChosen] = useState("");
  const [change, setChange] = useState<Change>("all");
  const [showsDiff, setShowsDiff] = useState(false);
  const [limit, setLimit] = useState(PAGE);
  const score = chosen || scorers[0] || "";
  const found = ordered(rows, score, change);
  if (rows.length === 0) return <p className="muted">{texts.noRows}</p>;
  return (
    <section className="stack" aria-labelledby="answers">
      <div className="row apart">
        <h2 id="answers">{texts.answers}</h2>
        <span className="small muted" role="status">
          {texts.shown(Math.min(limit, found.length), found.length)}
        </span>
      </div>
      <div className="row">
        <label className="row small">
          {texts.sort}
          <select className="narrow" value={score} onChange={(event) => setChosen(event.target.value)}>
            {scorers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="row small">
          {texts.show}
          <select
            className="narrow"
            value={change}
            onChange={(event) => setChange(event.target.value as Change)}
          >
            {CHANGES.map((name) => (
              <option key={name} value={name}>
                {texts.counted(texts.changes[name], countOf(rows, score, name))}
              </option>
            ))}
          </select>
        </label>
        <label className="row small">
          <input type="checkbox" checked={showsDiff} onChange={() => setShowsDiff(!showsDiff)} />
          {texts.diff}
        </label>
      </div>
      {found.length === 0 && <p className="muted">{texts.none}</p>}
      {found.slice(0, limit).map((row) => (
        <Pair key={row.prompt_id} row={row} score={score} showsDiff={showsDiff} />
      ))}
      {found.length > limit && (
        <div>
          <button type="button" className="button" onClick={() => setLimit(limit + PAGE)}>
            {common.common.more}
          </button>
        </div>
      )}
    </section>
  );
}

function Pair({ row, score, showsDiff }: { row: Row; score: string; showsDiff: boolean }) {
  const by = changeOf(row, score);
  const look = by > 0 ? "good" : by < 0 ? "pen" : "";
  return (
    <article className="card stack tight">
      <div className="row apart">
        <h3 className="prompt">{row.prompt_text}</h3>
        <span className={`badge ${look}`}>{texts.change(score, signed(by))}</span>
      </div>
      <div className="answers">
        <Answer title={texts.before} answer={row.a} text={!showsDiff} />
        <Answer title={texts.after} answer={row.b} text={!showsDiff} />
      </div>
      {showsDiff && <Diff from={row.a.text} to={row.b.text} />}
    </article>
  );
}

function Answer({ title, answer, text }: { title: string; answer: Row["a"]; text: boolean }) {
  return (
    <div className="stack tight">
      <div className="row">
        <h4>{title}</h4>
        {Object.entries(answer.scores).map(([name, value]) => (
          <span key={name} className="small muted">
            {name} <strong>{value.toFixed(2)}</strong>
          </span>
        ))}
      </div>
      {text && <p className="paper answer-text">{answer.text}</p>}
    </div>
  );
}
