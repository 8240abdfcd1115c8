import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { activityQuery } from "@/queries/project-admin";
import { texts } from "./texts";

/** Who did what, newest first. */
export function ActivityCard({ project }: { project: string }) {
  const activity = useQuery(activityQuery(project));
  return (
    <section className="card stack tight" aria-labelledby="activity">
      <h2 id="activity">{texts.activity}</h2>
      {activity.isPending && <Skeleton />}
      {activity.error && <Problem error={activity.error} retry={() => activity.refetch()} />}
      {activity.data?.length === 0 && <p className="small muted">{texts.noActivity}</p>}
      {activity.data && activity.data.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        <ul className="lines activity" aria-labelledby="activity" tabIndex={0}>
          {activity.data.map((entry) => (
            <li key={entry.id} className="row apart small">
              <span className="who">
                <strong>{texts.actions[entry.action] ?? entry.action}</strong> {entry.subject}
                {typeof entry.details.reason === "string" && entry.details.reason && (
                  <span className="muted"> · {entry.details.reason}</span>
                )}
              </span>
              <span className="muted">
                {entry.user ?? texts.system} · {day(entry.created_at)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
