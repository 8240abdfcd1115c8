import { Link } from "@tanstack/react-router";
import type { Shapes } from "@/lib/api";
import { texts } from "./texts";

/** Critiques, snapshot, run, checkpoint, alias: left to right. */
export function Lineage({
  project,
  checkpoint,
}: {
  project: string;
  checkpoint: Shapes["CheckpointDetail"];
}) {
  const { lineage } = checkpoint;
  return (
    <section className="stack tight" aria-labelledby="lineage">
      <h2 id="lineage">{texts.lineage}</h2>
      <ol className="lineage">
        {lineage.run_id !== null && (
          <>
            <li className="card">
              <Link to="/$project/review" params={{ project }}>
                {texts.critiques(lineage.critiques)}
              </Link>
              {Object.entries(lineage.authors).map(([kind, count]) => (
                <span key={kind} className="small muted">
                  {count} {kind}
                </span>
              ))}
            </li>
            <li className="card">
              {texts.snapshot}
              <code className="small">{lineage.snapshot_sha256?.slice(0, 12)}</code>
            </li>
            <li className="card">
              <Link to="/$project/runs/$run" params={{ project, run: String(lineage.run_id) }}>
                {texts.run(lineage.run_id)}
              </Link>
            </li>
          </>
        )}
        <li className="card">
          <strong>{checkpoint.name}</strong>
          <span className="small muted">
            {checkpoint.run_id === null ? texts.base : `step ${checkpoint.step}`}
          </span>
        </li>
        {checkpoint.aliases.map((alias) => (
          <li key={alias} className="card">
            <span className="badge good">{alias}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
