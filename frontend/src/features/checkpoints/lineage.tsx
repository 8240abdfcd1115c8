import { Link } from "@tanstack/react-router";
import type { Shapes } from "@/lib/api";
import { AliasBadges } from "./badges";
import { texts } from "./texts";

interface LineageProps {
  project: string;
  checkpoint: Shapes["CheckpointDetail"];
}

/** Critiques, snapshot, run, checkpoint, alias: left to right. */
export function Lineage({ project, checkpoint }: LineageProps) {
  const { run_id: run } = checkpoint.lineage;
  return (
    <section className="stack tight" aria-labelledby="lineage">
      <h2 id="lineage">{texts.lineage}</h2>
      <ol className="lineage">
        {run !== null && <Teaching project={project} lineage={checkpoint.lineage} run={run} />}
        <li className="card here" aria-current="true">
          <strong>{checkpoint.name}</strong>
          <span className="small muted">{run === null ? texts.base : texts.toStep(checkpoint.step)}</span>
        </li>
        <li className={checkpoint.aliases.length > 0 ? "card" : "card absent"}>
          {checkpoint.aliases.length > 0 ? (
            <Link to="/$project/checkpoints" params={{ project }} className="row">
              <AliasBadges aliases={checkpoint.aliases} />
            </Link>
          ) : (
            <span className="small muted">{texts.notServed}</span>
          )}
        </li>
      </ol>
    </section>
  );
}

interface TeachingProps {
  project: string;
  lineage: Shapes["LineageShape"];
  run: number;
}

function Teaching({ project, lineage, run }: TeachingProps) {
  return (
    <>
      <li className="card">
        <Link to="/$project/review" params={{ project }}>
          {texts.critiques(lineage.critiques)}
        </Link>
        {Object.entries(lineage.authors).map(([kind, count]) => (
          <span key={kind} className="small muted">
            {count} {texts.kinds[kind] ?? kind}
          </span>
        ))}
      </li>
      <li className="card">
        {texts.snapshot}
        <code className="small" title={lineage.snapshot_sha256 ?? undefined}>
          {lineage.snapshot_sha256?.slice(0, 12)}
        </code>
        <span className="small muted">{texts.snapshotWhy}</span>
      </li>
      <li className="card">
        <Link to="/$project/runs/$run" params={{ project, run: String(run) }}>
          {texts.run(run)}
        </Link>
      </li>
    </>
  );
}
