import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Diff } from "@/components/diff";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { signed } from "@/lib/format";
import { type Comparison, comparisonQuery, type Difference } from "@/queries/evaluations";
import "./evaluations.css";
import { IntervalPlot } from "./interval-plot";
import { type Change, ordered } from "./order";
import { texts } from "./texts";

const CHANGES: Change[] = ["all", "better", "worse", "same"];

/** Two checkpoints on the same prompts: scores, paired differences, and the answers themselves. */
export function ComparePage({ a, b }: { a: number; b: number }) {
  const found = useQuery(comparisonQuery(a, b));
  const [chosen, setChosen] = useState("");
  const [change, setChange] = useState<Change>("all");
  const [showsDiff, setShowsDiff] = useState(false);
  if (!found.data) {
    return (
      <Page title={texts.compareTitle}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const { scores, rows } = found.data;
  const score = chosen || scores[0]?.name || "";
  return (
    <Page
      title={texts.compareTitle}
      about={`${found.data.a.checkpoint.name} → ${found.data.b.checkpoint.name}`}
    >
      <ScoreTable scores={scores} />
      <div className="row">
        <label className="row small">
          {texts.sort}
          <select className="narrow" value={score} onChange={(event) => setChosen(event.target.value)}>
            {scores.map((row) => (
              <option key={row.name}>{row.name}</option>
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
                {texts.changes[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="row small">
          <input type="checkbox" checked={showsDiff} onChange={() => setShowsDiff(!showsDiff)} />
          {texts.diff}
        </label>
      </div>
      {ordered(rows, score, change).map((row) => (
        <article key={row.prompt_id} className="card stack tight">
          <h2>{row.prompt_text}</h2>
          {showsDiff ? (
            <Diff from={row.a.text} to={row.b.text} />
          ) : (
            <div className="answers">
              <Answer title={texts.before} answer={row.a} />
              <Answer title={texts.after} answer={row.b} />
            </div>
          )}
        </article>
      ))}
    </Page>
  );
}

function ScoreTable({ scores }: { scores: Difference[] }) {
  return (
    <div className="card flush scroll-x">
      <table>
        <thead>
          <tr>
            <th />
            <th className="number">{texts.before}</th>
            <th className="number">{texts.after}</th>
            <th>{texts.difference}</th>
          </tr>
        </thead>
        <tbody>
          {scores.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td className="number">{row.a.toFixed(2)}</td>
              <td className="number">{row.b.toFixed(2)}</td>
              <td className="score">
                <strong>{signed(row.difference)}</strong>{" "}
                <span className="small muted">
                  [{signed(row.low)}, {signed(row.high)}] n {row.n}
                </span>
                <IntervalPlot mean={row.difference} low={row.low} high={row.high} from={-1} to={1} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Answer({ title, answer }: { title: string; answer: Comparison["rows"][number]["a"] }) {
  return (
    <div className="stack tight">
      <div className="row">
        <h3>{title}</h3>
        {Object.entries(answer.scores).map(([name, value]) => (
          <span key={name} className={value > 0.5 ? "badge good" : "badge"}>
            {name} {value.toFixed(2)}
          </span>
        ))}
      </div>
      <p className="paper answer-text">{answer.text}</p>
    </div>
  );
}
