import { useQuery } from "@tanstack/react-query";
import { day } from "@/lib/format";
import { activityQuery } from "@/queries/project-admin";
import { texts } from "./texts";

/** Who did what, newest first. */
export function ActivityCard({ project }: { project: string }) {
  const activity = useQuery(activityQuery(project));
  return (
    <section className="card stack tight" aria-labelledby="activity">
      <h2 id="activity">{texts.activity}</h2>
      <ul className="lines activity">
        {activity.data?.map((entry) => (
          <li key={entry.id} className="row apart small">
            <span>
              <strong>{entry.action}</strong> {entry.subject}
            </span>
            <span className="muted">
              {entry.user ?? "–"} · {day(entry.created_at)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
