import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { aliasesQuery, type Checkpoint, checkpointsQuery } from "@/queries/checkpoints";
import { AliasCard } from "./alias-card";
import "./checkpoints.css";
import { texts } from "./texts";

/** Everything that can be served, and what is. */
export function CheckpointsPage({ project }: { project: string }) {
  const checkpoints = useQuery(checkpointsQuery(project));
  const aliases = useQuery(aliasesQuery(project));
  return (
    <Page title={texts.title} about={texts.about}>
      <section className="stack tight" aria-labelledby="aliases">
        <h2 id="aliases">{texts.aliases}</h2>
        {aliases.data?.length === 0 && <p className="muted">{texts.noAlias}</p>}
        {aliases.data?.map((alias) => (
          <AliasCard key={alias.name} project={project} alias={alias} />
        ))}
      </section>
      {checkpoints.isPending && <Skeleton lines={5} />}
      {checkpoints.error && <Problem error={checkpoints.error} retry={() => checkpoints.refetch()} />}
      {checkpoints.data?.length === 0 && (
        <Empty title={texts.empty}>
          <p>{texts.emptyWhy}</p>
        </Empty>
      )}
      {checkpoints.data && checkpoints.data.length > 0 && (
        <div className="card flush scroll-x">
          <table>
            <thead>
              <tr>
                <th>{texts.columns.name}</th>
                <th>{texts.columns.from}</th>
                <th className="number">{texts.columns.step}</th>
                <th>{texts.columns.state}</th>
                <th className="number">{texts.columns.probe}</th>
                <th>{texts.columns.aliases}</th>
              </tr>
            </thead>
            <tbody>
              {checkpoints.data.map((checkpoint) => (
                <Row key={checkpoint.id} project={project} checkpoint={checkpoint} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}

function Row({ project, checkpoint }: { project: string; checkpoint: Checkpoint }) {
  return (
    <tr>
      <td>
        <Link to="/$project/checkpoints/$checkpoint" params={{ project, checkpoint: String(checkpoint.id) }}>
          {checkpoint.name}
        </Link>
      </td>
      <td>
        {checkpoint.run_id === null ? (
          texts.base
        ) : (
          <Link to="/$project/runs/$run" params={{ project, run: String(checkpoint.run_id) }}>
            {texts.run(checkpoint.run_id)}
          </Link>
        )}
      </td>
      <td className="number">{checkpoint.run_id === null ? "" : checkpoint.step}</td>
      <td>
        <span className={checkpoint.state === "failed" ? "badge pen" : "badge"}>
          {texts.states[checkpoint.state]}
        </span>
      </td>
      <td className="number">{checkpoint.probe_difference?.toFixed(4)}</td>
      <td>
        {checkpoint.aliases.map((alias) => (
          <span key={alias} className="badge good">
            {alias}
          </span>
        ))}
      </td>
    </tr>
  );
}
