import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Problem } from "@/components/states";
import { WorkProgress } from "@/components/work";
import { type Change, useUndoChange } from "@/queries/data";
import { isActive, type Job, jobQuery, unjudged } from "@/queries/jobs";
import { texts } from "./texts";

/** What a change did, or is doing in the background, and the way back. */
export function ChangeNotice({ project, change }: { project: string; change: Change }) {
  const undo = useUndoChange(project);
  const latest = undo.data ?? change;
  const job = useFollowed(project, latest.job_id);
  const isWorking = latest.job_id !== null && (!job || isActive(job));
  const { changed, left } = job ? counted(latest, job) : latest;
  return (
    <>
      <div className="notice good stack tight">
        <div className="row apart">
          <span role="status">
            {isWorking ? doing(latest) : done(latest, changed)} {!isWorking && left > 0 && texts.left(left)}{" "}
            {(job?.state === "cancelled" || job?.state === "failed") && !undo.data && texts.stopped}
          </span>
          {!undo.data && (isWorking || changed > 0 || job) && (
            <button
              type="button"
              className="button small"
              disabled={undo.isPending}
              onClick={() => undo.mutate(change.id)}
            >
              {texts.undo}
            </button>
          )}
        </div>
        {isWorking && job && <WorkProgress work={job} label={doing(latest)} unit="row" />}
      </div>
      {job?.error && <Problem error={new Error(job.error)} />}
      {undo.error && <Problem error={undo.error} />}
    </>
  );
}

/** The job of a change; when it is over, everything that it may have changed is asked for anew. */
function useFollowed(project: string, id: number | null): Job | undefined {
  const queries = useQueryClient();
  const job = useQuery({ ...jobQuery(id ?? 0), enabled: id !== null }).data;
  const isOver = job !== undefined && !isActive(job);
  useEffect(() => {
    if (isOver) void queries.invalidateQueries({ queryKey: ["project", project] });
  }, [isOver, project, queries]);
  return id === null ? undefined : job;
}

function counted(change: Change, job: Job): { changed: number; left: number } {
  if (job.kind === "verify") return { changed: job.done, left: 0 };
  if (job.kind === "judge") return { changed: Number(job.result.judged ?? 0), left: unjudged(job).count };
  return { changed: Number(job.result.changed ?? change.changed), left: Number(job.result.left ?? 0) };
}

function doing(change: Change): string {
  return change.undone ? texts.undoing : texts.doing[change.kind];
}

function done(change: Change, changed: number): string {
  if (!change.undone) return texts.done[change.kind](changed);
  return change.kind === "verify" || change.kind === "judge"
    ? texts.discarded(changed)
    : texts.undone(changed);
}
