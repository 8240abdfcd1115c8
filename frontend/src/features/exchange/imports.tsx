import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { StateBadge, WorkProgress } from "@/components/work";
import { day } from "@/lib/format";
import { type ImportJob, importsQuery } from "@/queries/exchange";
import { isActive } from "@/queries/jobs";
import { texts } from "./texts";

const t = texts.imports;

/** Past and running imports. */
export function Imports({ project }: { project: string }) {
  const found = useQuery(importsQuery(project));
  return (
    <section className="stack tight" aria-labelledby="imports-title">
      <h2 id="imports-title">{t.title}</h2>
      {found.isError && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton />}
      {found.data?.length === 0 && (
        <div className="empty">
          <p>{t.none}</p>
          <pre className="command">{t.cli(project)}</pre>
        </div>
      )}
      {found.data && found.data.length > 0 && (
        <ul className="exchange-list card flush">
          {found.data.map((job) => (
            <Import key={job.id} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Import({ job }: { job: ImportJob }) {
  const label = job.name || texts.import.contents[job.content][0];
  return (
    <li>
      <strong className="file-name">{label}</strong>
      <div className="row small muted">
        <StateBadge state={job.state} />
        <span>{day(job.created_at)}</span>
        {job.records != null && <span>{t.done(job.records, job.duplicates, job.refused)}</span>}
      </div>
      {isActive(job) && <WorkProgress work={job} label={label} unit="line" />}
      {job.error && <p className="notice error">{job.error}</p>}
      {job.errors.length > 0 && (
        <details>
          <summary className="small">{t.bad(job.errors.length)}</summary>
          <ul className="small bad-list">
            {job.errors.map((bad) => (
              <li key={bad.line}>{t.line(bad.line, bad.reason)}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
