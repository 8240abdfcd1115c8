import { IntervalPlot } from "@/components/interval-plot";
import { signed } from "@/lib/format";
import type { Comparison, Difference } from "@/queries/evaluations";
import { verdictOf } from "./order";
import { ScoreCell } from "./score-cell";
import { texts } from "./texts";

/** Both scores with their intervals, and the paired difference against zero. */
export function DifferenceTable({ comparison }: { comparison: Comparison }) {
  const { a, b, scores } = comparison;
  return (
    <section className="stack tight" aria-labelledby="scores">
      <h2 id="scores">{texts.scores}</h2>
      <div className="card flush scroll-x">
        <table className="difference-table">
          <thead>
            <tr>
              <th>{texts.score}</th>
              <th>
                {texts.before} · {a.checkpoint.name}
              </th>
              <th>
                {texts.after} · {b.checkpoint.name}
              </th>
              <th>{texts.difference}</th>
            </tr>
          </thead>
          <tbody>
            {scores.map((row) => (
              <tr key={row.name}>
                <td>
                  <strong>{row.name}</strong>
                </td>
                <td data-label={texts.before}>
                  <Mean found={a.scores.find((score) => score.name === row.name)} mean={row.a} />
                </td>
                <td data-label={texts.after}>
                  <Mean found={b.scores.find((score) => score.name === row.name)} mean={row.b} />
                </td>
                <td data-label={texts.difference}>
                  <DifferenceCell row={row} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">{texts.verdictNote}</p>
    </section>
  );
}

function Mean({ found, mean }: { found: Comparison["a"]["scores"][number] | undefined; mean: number }) {
  return found ? <ScoreCell found={found} /> : <strong>{mean.toFixed(2)}</strong>;
}

function DifferenceCell({ row }: { row: Difference }) {
  const { word, sign, look } = texts.verdicts[verdictOf(row)];
  return (
    <div className="score">
      <strong>{signed(row.difference)}</strong>{" "}
      <span className="small muted">
        [{signed(row.low)}, {signed(row.high)}] {texts.n(row.n)}
      </span>{" "}
      <span className={`badge ${look}`}>
        <span aria-hidden="true">{sign}</span>
        {word}
      </span>
      <div className="against-zero">
        <span className="small muted" aria-hidden="true">
          {texts.lower}
        </span>
        <IntervalPlot mean={row.difference} low={row.low} high={row.high} from={-1} to={1} look={look} />
        <span className="small muted" aria-hidden="true">
          {texts.higher}
        </span>
      </div>
    </div>
  );
}
