import { Link } from "@tanstack/react-router";
import { ProgressBar } from "@/components/states";
import { score } from "@/lib/format";
import { isActive } from "@/queries/jobs";
import type { Run } from "@/queries/runs";
import { amountRows, percent, usageRows } from "./format";
import { texts } from "./texts";

const t = texts.run;
const SHORT_HASH = 12;

/** The checkpoint that was kept, with its probe score. */
export function BestCheckpoint({ project, run }: { project: string; run: Run }) {
  return (
    <section className="card stack tight" aria-label={t.best}>
      <h2>{t.best}</h2>
      {run.best_checkpoint ? (
        <Link
          className="break"
          to="/$project/checkpoints/$checkpoint"
          params={{ project, checkpoint: String(run.best_checkpoint.id) }}
        >
          {run.best_checkpoint.name}
        </Link>
      ) : (
        <p className="muted">{isActive(run) ? t.noBest : t.noBestEver}</p>
      )}
      {run.best_score !== null && (
        <p className="small muted" title={texts.bestHint}>
          {t.bestScore(score(run.best_score))}
        </p>
      )}
    </section>
  );
}

/** What the run was expected to take, and what it took. */
export function Amounts({ run }: { run: Run }) {
  const took = Object.keys(run.actual).length > 0 ? { steps: run.done, ...run.actual } : {};
  return (
    <section className="card stack tight" aria-label={t.forecast}>
      <h2>{t.forecast}</h2>
      <table className="amounts">
        <thead>
          <tr>
            <td />
            <th scope="col" className="number">
              {t.expected}
            </th>
            <th scope="col" className="number">
              {t.actual}
            </th>
          </tr>
        </thead>
        <tbody>
          {amountRows(run.forecast, took).map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.label}</th>
              <td className="number">{row.expected}</td>
              <td className="number">{row.actual}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Which attempts and redrafts it learned from, with their shares. */
export function Usage({ run }: { run: Run }) {
  const rows = usageRows(run.usage);
  return (
    <section className="card stack tight" aria-label={t.usage}>
      <h2>{t.usage}</h2>
      {rows.length === 0 && <p className="muted">{t.usageLater}</p>}
      <dl className="usage">
        {rows.map((row) => (
          <div key={row.name}>
            <dt>{row.label}</dt>
            <dd>
              {row.value}
              {row.share !== null && <span className="muted"> · {percent(row.share)}</span>}
            </dd>
            {row.share !== null && (
              <dd className="bar">
                <ProgressBar done={row.share} total={1} label={row.label} />
              </dd>
            )}
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The frozen feedback, by which a run can be repeated. */
export function Snapshot({ project, run }: { project: string; run: Run }) {
  return (
    <section className="card stack tight" aria-label={t.snapshot}>
      <h2>{t.snapshot}</h2>
      <p>{t.snapshotFacts(run.snapshot.id, run.snapshot.critiques)}</p>
      <p className="small muted">
        {t.hash} <code title={run.snapshot.sha256}>{run.snapshot.sha256.slice(0, SHORT_HASH)}</code>
      </p>
      <Link to="/$project/review" params={{ project }}>
        {t.review}
      </Link>
    </section>
  );
}

/** The recipe as it was launched. */
export function RecipeJson({ run }: { run: Run }) {
  return (
    <details className="card recipe">
      <summary>
        <strong>{t.recipe}</strong>
      </summary>
      <pre>{JSON.stringify(run.recipe, null, 2)}</pre>
    </details>
  );
}
