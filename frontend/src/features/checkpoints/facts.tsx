import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { day } from "@/lib/format";
import { type Checkpoint, checkpointsQuery } from "@/queries/checkpoints";
import { PROBE_LIMIT, texts } from "./texts";

/** What a checkpoint is, in figures. */
export function Facts({ project, checkpoint }: { project: string; checkpoint: Checkpoint }) {
  const { probe_difference: toTrainer, probe_parent_difference: toParent, parent_id: parent } = checkpoint;
  return (
    <section className="stack tight" aria-labelledby="facts">
      <h2 id="facts">{texts.facts}</h2>
      <dl className="facts">
        <dt>{texts.kind}</dt>
        <dd>{checkpoint.run_id === null ? texts.base : texts.adapter}</dd>
        {parent !== null && (
          <>
            <dt>{texts.parent}</dt>
            <dd>
              <Parent project={project} id={parent} />
            </dd>
          </>
        )}
        <dt>{texts.made}</dt>
        <dd>{day(checkpoint.created_at)}</dd>
        {toTrainer !== null && (
          <>
            <dt>{texts.toTrainer}</dt>
            <dd>
              <strong>{toTrainer.toFixed(4)}</strong>{" "}
              <span className={toTrainer <= PROBE_LIMIT ? "badge good" : "badge pen"}>
                <span aria-hidden="true">{toTrainer <= PROBE_LIMIT ? "✓" : "✗"}</span>
                {toTrainer <= PROBE_LIMIT ? texts.within : texts.beyond}
              </span>{" "}
              <span className="small muted">{texts.toTrainerNote}</span>
            </dd>
          </>
        )}
        {toParent !== null && (
          <>
            <dt>{texts.toParent}</dt>
            <dd>
              <strong>{toParent.toFixed(4)}</strong> <span className="small muted">{texts.toParentNote}</span>
            </dd>
          </>
        )}
        <dt>{texts.sha}</dt>
        <dd>
          <code>{checkpoint.sha256}</code>
        </dd>
      </dl>
    </section>
  );
}

function Parent({ project, id }: { project: string; id: number }) {
  const found = useQuery(checkpointsQuery(project)).data?.find((checkpoint) => checkpoint.id === id);
  return (
    <Link to="/$project/checkpoints/$checkpoint" params={{ project, checkpoint: String(id) }}>
      {found?.name ?? `#${id}`}
    </Link>
  );
}
