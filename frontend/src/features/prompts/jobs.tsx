import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Problem } from "@/components/states";
import { StateBadge, WorkProgress } from "@/components/work";
import { day } from "@/lib/format";
import { dataKey } from "@/queries/data";
import { isActive, type Job, jobsQuery, unjudged, useCancelJob } from "@/queries/jobs";
import { progressQuery } from "@/queries/projects";
import { texts } from "./texts";

const t = texts.jobs;
const SHOWN = 4;

/** The bulk jobs with their progress; what they fill is fetched anew when one ends. */
export function Jobs({ project }: { project: string }) {
  const jobs = useQuery(jobsQuery(project));
  useRefreshWhenDone(project, jobs.data);
  if (jobs.isError) return <Problem error={jobs.error} retry={() => jobs.refetch()} />;
  if (!jobs.data || jobs.data.length === 0) return null;
  const shown = jobs.data.filter((job, index) => index < SHOWN || isActive(job));
  const older = jobs.data.filter((job) => !shown.includes(job));
  return (
    <section className="stack tight" aria-label={t.title}>
      <h2>{t.title}</h2>
      <JobList project={project} jobs={shown} />
      {older.length > 0 && (
        <details>
          <summary className="small muted">{t.older(older.length)}</summary>
          <JobList project={project} jobs={older} />
        </details>
      )}
    </section>
  );
}

function JobList({ project, jobs }: { project: string; jobs: Job[] }) {
  return (
    <ul className="job-list card flush">
      {jobs.map((job) => (
        <li key={job.id}>
          <div className="stack tight">
            <span>{describe(job)}</span>
            <span className="row small muted">
              <StateBadge state={job.state} />
              {day(job.created_at)}
              {isActive(job) && <CancelJob project={project} job={job} />}
            </span>
          </div>
          <WorkProgress work={job} label={describe(job)} unit="answer" />
          {job.kind === "judge" && <Unjudged job={job} />}
          {job.error && (
            <div className="notice error">
              <strong>{t.failed}</strong> {job.error}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function CancelJob({ project, job }: { project: string; job: Job }) {
  const cancel = useCancelJob(project, job.id);
  return (
    <>
      <button
        type="button"
        className="button quiet"
        disabled={job.cancel_requested || cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        {job.cancel_requested ? t.cancelling : t.cancel}
      </button>
      {cancel.isError && <Problem error={cancel.error} />}
    </>
  );
}

function Unjudged({ job }: { job: Job }) {
  const { count, of, reasons, unrated } = unjudged(job);
  return (
    <>
      {count > 0 && <div className="notice small">{t.unjudged(count, of, reasons)}</div>}
      {unrated > 0 && <div className="notice small">{t.unrated(unrated)}</div>}
    </>
  );
}

function describe(job: Job): string {
  const { split, per_prompt, verifier, redraft, undo, judge } = job.request;
  if (job.kind === "sample") return t.sample(String(split), per_prompt);
  if (job.kind === "prioritise") return t.prioritise;
  if (job.kind === "change") return undo ? t.undo : t.change;
  if (job.kind === "judge") return t.judge(judge, split ? String(split) : t.chosen, redraft === true);
  return t.verify(verifier, split ? String(split) : t.chosen, redraft === true);
}

function useRefreshWhenDone(project: string, jobs: Job[] | undefined) {
  const queries = useQueryClient();
  const active = jobs?.filter(isActive).length ?? 0;
  const before = useRef(0);
  useEffect(() => {
    if (active < before.current) {
      queries.invalidateQueries({ queryKey: dataKey(project) });
      queries.invalidateQueries({ queryKey: progressQuery(project).queryKey });
    }
    before.current = active;
  }, [active, project, queries]);
}
