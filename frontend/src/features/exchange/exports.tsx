import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { StateBadge, WorkProgress } from "@/components/work";
import { day } from "@/lib/format";
import { type ExportJob, exportsQuery, fileOf } from "@/queries/exchange";
import { isActive } from "@/queries/jobs";
import { size } from "./size";
import { texts } from "./texts";

const t = texts.exports;

/** Past and running exports. */
export function Exports({ project }: { project: string }) {
  const found = useQuery(exportsQuery(project));
  return (
    <section className="stack tight" aria-labelledby="exports-title">
      <h2 id="exports-title">{t.title}</h2>
      {found.isError && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton />}
      {found.data?.length === 0 && <p className="empty">{t.none}</p>}
      {found.data && found.data.length > 0 && (
        <ul className="exchange-list card flush">
          {found.data.map((job) => (
            <Export key={job.id} project={project} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Export({ project, job }: { project: string; job: ExportJob }) {
  const label = t.label(texts.export.shapes[job.shape][0], texts.export.formats[job.format]);
  return (
    <li>
      <div className="row apart">
        <strong>{label}</strong>
        {job.available && job.state === "succeeded" && (
          <a
            className="button small"
            href={fileOf(project, job)}
            download
            aria-label={t.downloadOf(job.name)}
          >
            {t.download}
          </a>
        )}
      </div>
      <div className="row small muted">
        <StateBadge state={job.state} />
        <span>{day(job.created_at)}</span>
        {job.rows != null && <span>{t.rows(job.rows)}</span>}
        {job.bytes != null && <span>{size(job.bytes)}</span>}
      </div>
      {isActive(job) && <WorkProgress work={job} label={label} unit="critique" />}
      {job.sha256 && (
        <p className="small muted hash">
          {t.sha256} <code>{job.sha256}</code>
        </p>
      )}
      {job.state === "succeeded" && !job.available && <p className="notice">{t.gone}</p>}
      {job.error && <p className="notice error">{job.error}</p>}
    </li>
  );
}
