import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { aliasesQuery, type Checkpoint, checkpointsQuery } from "@/queries/checkpoints";
import { AliasCard } from "./alias-card";
import { AliasBadges, CheckpointState } from "./badges";
import "./checkpoints.css";
import { texts } from "./texts";

/** Everything that can be served, and what is. */
export function CheckpointsPage({ project }: { project: string }) {
  const checkpoints = useQuery(checkpointsQuery(project));
  return (
    <Page title={texts.title} about={texts.about}>
      <Aliases project={project} />
      <section className="stack tight" aria-labelledby="list">
        <h2 id="list">{texts.list}</h2>
        {checkpoints.isPending && <Skeleton lines={5} />}
        {checkpoints.error && <Problem error={checkpoints.error} retry={() => checkpoints.refetch()} />}
        {checkpoints.data?.length === 0 && (
          <Empty title={texts.empty}>
            <p>{texts.emptyWhy}</p>
            <Link className="button primary" to="/$project/runs/new" params={{ project }}>
              {texts.emptyDo}
            </Link>
            <pre className="command">{`curl -H "Authorization: Bearer $KEY" \\\n  ${window.location.origin}/api/projects/${project}/checkpoints`}</pre>
          </Empty>
        )}
        {checkpoints.data && checkpoints.data.length > 0 && (
          <Table project={project} checkpoints={checkpoints.data} />
        )}
      </section>
    </Page>
  );
}

function Aliases({ project }: { project: string }) {
  const aliases = useQuery(aliasesQuery(project));
  return (
    <section className="stack tight" aria-labelledby="aliases">
      <h2 id="aliases">{texts.aliases}</h2>
      {aliases.isPending && <Skeleton lines={2} />}
      {aliases.error && <Problem error={aliases.error} retry={() => aliases.refetch()} />}
      {aliases.data?.length === 0 && <p className="muted">{texts.noAlias}</p>}
      {aliases.data?.map((alias) => (
        <AliasCard key={alias.name} project={project} alias={alias} />
      ))}
    </section>
  );
}

function Table({ project, checkpoints }: { project: string; checkpoints: Checkpoint[] }) {
  const { columns } = texts;
  return (
    <div className="card flush scroll-x">
      <table className="checkpoints-table">
        <thead>
          <tr>
            <th>{columns.name}</th>
            <th className="wide">{columns.from}</th>
            <th className="number wide">{columns.step}</th>
            <th>{columns.state}</th>
            <th className="number wide">{columns.probe}</th>
            <th className="wide">{columns.aliases}</th>
            <th className="wide">{columns.made}</th>
          </tr>
        </thead>
        <tbody>
          {checkpoints.map((checkpoint) => (
            <Row key={checkpoint.id} project={project} checkpoint={checkpoint} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ project, checkpoint }: { project: string; checkpoint: Checkpoint }) {
  return (
    <tr>
      <td className="name">
        <Link to="/$project/checkpoints/$checkpoint" params={{ project, checkpoint: String(checkpoint.id) }}>
          {checkpoint.name}
        </Link>
      </td>
      <td className="wide">
        {checkpoint.run_id === null ? (
          texts.base
        ) : (
          <>
            {texts.adapter} ·{" "}
            <Link to="/$project/runs/$run" params={{ project, run: String(checkpoint.run_id) }}>
              {texts.run(checkpoint.run_id)}
            </Link>
          </>
        )}
      </td>
      <td className="number wide">{checkpoint.run_id === null ? "" : checkpoint.step}</td>
      <td>
        <CheckpointState state={checkpoint.state} />
        <span className="narrow-only row">
          <AliasBadges aliases={checkpoint.aliases} />
        </span>
      </td>
      <td className="number wide">{checkpoint.probe_difference?.toFixed(4)}</td>
      <td className="wide">
        <AliasBadges aliases={checkpoint.aliases} />
      </td>
      <td className="wide small muted">{day(checkpoint.created_at)}</td>
    </tr>
  );
}
