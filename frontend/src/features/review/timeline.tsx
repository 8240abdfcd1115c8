import { useQuery } from "@tanstack/react-query";
import { Diff } from "@/components/diff";
import { ratingText } from "@/components/rating";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { type Event, eventsQuery } from "@/queries/reviews";
import { texts } from "./texts";

/** Everything that happened to a critique, with what each revision changed, word by word. */
export function Timeline({ critique, levels }: { critique: number; levels: number }) {
  const events = useQuery(eventsQuery(critique));
  return (
    <section className="stack tight" aria-labelledby="history">
      <h2 id="history">{texts.history}</h2>
      {events.error && <Problem error={events.error} retry={() => events.refetch()} />}
      {events.isPending && <Skeleton />}
      {events.data && (
        <ol className="timeline">
          {events.data.map((event, place) => (
            <li key={`${event.at}-${event.what}`}>
              <div className="row small">
                <strong>{event.who}</strong> {texts.what[event.what] ?? event.what}
                <time className="muted" dateTime={event.at}>
                  {day(event.at)}
                </time>
              </div>
              {event.note && <p className="notice small">{event.note}</p>}
              {event.revision && (
                <Revision
                  revision={event.revision}
                  before={lastRevision(events.data, place)}
                  levels={levels}
                />
              )}
              {event.verdict && <span className="badge">{texts.verdicts[event.verdict]}</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

type Written = NonNullable<Event["revision"]>;

function lastRevision(events: readonly Event[], before: number): Written | null {
  return events.slice(0, before).findLast((event) => event.revision)?.revision ?? null;
}

interface RevisionProps {
  revision: Written;
  before: Written | null;
  levels: number;
}

function Revision({ revision, before, levels }: RevisionProps) {
  const facts = [
    `${texts.rating}: ${ratingText(revision.rating, levels)}`,
    revision.tags.length > 0 && texts.tagsAre(revision.tags),
    revision.spans.length > 0 && texts.spanCount(revision.spans.length),
    revision.edit && texts.edit,
  ].filter(Boolean);
  return (
    <div className="stack tight">
      {before && before.text === revision.text ? (
        <p className="small muted">{texts.noWords}</p>
      ) : (
        <Diff from={before?.text ?? revision.text} to={revision.text} />
      )}
      <p className="small muted">{facts.join(" · ")}</p>
    </div>
  );
}
