import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { checkpointQuery } from "@/queries/checkpoints";
import { AliasBadges, CheckpointState } from "./badges";
import "./checkpoints.css";
import { Facts } from "./facts";
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
  const difference = checkpoint.probe_difference;
  return (
    <Page
      title={checkpoint.name}
      about={
        <span className="row">
          <CheckpointState state={checkpoint.state} />
          <AliasBadges aliases={checkpoint.aliases} />
        </span>
      }
    >
      {checkpoint.state === "written" && (
        <p className="notice warn" role="status">
          {texts.writing}
        </p>
      )}
      {checkpoint.state === "failed" && (
        <p className="notice error">
          {difference === null ? texts.brokenUnknown : texts.broken(difference.toFixed(4))}
        </p>
      )}
      <Lineage project={project} checkpoint={checkpoint} />
      <Gate project={project} checkpoint={checkpoint} />
      <Facts project={project} checkpoint={checkpoint} />
    </Page>
  );
}
