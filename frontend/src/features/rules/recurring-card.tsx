import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { type Group, recurringQuery } from "@/queries/rules";
import { Examples } from "./rule-form";
import { texts } from "./texts";

interface RecurringCardProps {
  project: string;
  onWrite: (group: Group) => void;
}

/** Groups of critiques that say much the same and have no rule yet. */
export function RecurringCard({ project, onWrite }: RecurringCardProps) {
  const groups = useQuery(recurringQuery(project));
  return (
    <section className="card stack tight" aria-labelledby="recurring">
      <h2 id="recurring">{texts.recurring}</h2>
      <p className="small muted">{texts.recurringWhy}</p>
      {groups.isPending && <Skeleton lines={4} />}
      {groups.error && <Problem error={groups.error} retry={() => groups.refetch()} />}
      {groups.data?.length === 0 && <p>{texts.noneRecur}</p>}
      <ul className="groups">
        {groups.data?.map((group) => (
          <li key={group.critique_ids[0]} className="group">
            <span className="badge">{texts.critiques(group.critique_ids.length)}</span>
            <Examples group={group} />
            <button
              type="button"
              className="button small"
              aria-label={texts.fromTheseFor(group.examples[0] ?? "")}
              onClick={() => onWrite(group)}
            >
              {texts.fromThese}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
