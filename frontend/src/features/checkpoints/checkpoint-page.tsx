import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { checkpointQuery } from "@/queries/checkpoints";
import "./checkpoints.css";
import { Gate } from "./gate";
import { Lineage } from "./lineage";
import { texts } from "./texts";

/** One checkpoint: where it comes from, whether it may be served, what it is. */
export function CheckpointPage({ project, id }: { project: string; id: number }) {
  const found = useQuery(checkpointQuery(project, id));
  if (!found.data) {
    return (
      <Page title={texts.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={6} />}
      </Page>
    );
  }
  const checkpoint = found.data;
  return (
    <Page
      title={checkpoint.name}
      about={
        <span className="row">
          <span className={checkpoint.state === "failed" ? "badge pen" : "badge"}>
            {texts.states[checkpoint.state]}
          </span>
          {checkpoint.aliases.map((alias) => (
            <span key={alias} className="badge good">
              {alias}
            </span>
          ))}
        </span>
      }
    >
      <Lineage project={project} checkpoint={checkpoint} />
      {checkpoint.run_id !== null && <Gate project={project} checkpoint={checkpoint} />}
      <section className="stack tight" aria-labelledby="facts">
        <h2 id="facts">{texts.facts}</h2>
        <dl className="facts">
          <dt>{texts.sha}</dt>
          <dd>
            <code>{checkpoint.sha256}</code>
          </dd>
          {checkpoint.probe_difference !== null && (
            <>
              <dt>{texts.columns.probe}</dt>
              <dd>
                {texts.probe(
                  checkpoint.probe_difference.toFixed(4),
                  checkpoint.probe_parent_difference?.toFixed(4) ?? "–",
                )}
              </dd>
            </>
          )}
        </dl>
      </section>
    </Page>
  );
}
