import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { clock, day } from "@/lib/format";
import { eventsQuery, type Run, type RunEvent } from "@/queries/runs";
import { newestSaves } from "./saves";
import { humanise } from "./schema";
import { texts } from "./texts";

/** What happened in a run: preparations, guard decisions, resumes, the kept checkpoint. */
export function RunEvents({ run }: { run: Run }) {
  const events = useQuery(eventsQuery(run));
  return (
    <section className="card stack tight" aria-label={texts.run.events}>
      <h2>{texts.run.events}</h2>
      {events.isError && <Problem error={events.error} retry={() => events.refetch()} />}
      {events.isPending && <Skeleton />}
      {events.data?.length === 0 && <p className="muted">{texts.run.noEvents}</p>}
      {events.data && events.data.length > 0 && (
        <ol className="timeline">
          {newestSaves(events.data).map((event) => (
            <Entry key={event.id} event={event} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Entry({ event }: { event: RunEvent }) {
  const look = event.kind === "guard" ? "badge warn" : event.kind === "checkpoint" ? "badge good" : "badge";
  return (
    <li>
      <div className="row small">
        <span className={look}>{texts.events[event.kind] ?? humanise(event.kind)}</span>
        <span className="muted">
          {humanise("step")} {event.step} ·{" "}
          <time title={day(event.created_at)}>{clock(event.created_at)}</time>
        </span>
      </div>
      <p>{event.message}</p>
    </li>
  );
}
