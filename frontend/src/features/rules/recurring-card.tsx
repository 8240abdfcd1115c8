import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { type Group, recurringQuery } from "@/queries/rules";
import { Examples } from "./rule-form";
import { texts } from "./texts";

interface RecurringCardProps {
  project: string;
  /** `asked`: a model shall propose the sentence. */
  onWrite: (group: Group, asked: boolean) => void;
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
            <div className="stack tight group-actions">
              <button
                type="button"
                className="button small"
                aria-label={texts.fromTheseFor(group.examples[0] ?? "")}
                onClick={() => onWrite(group, false)}
              >
                {texts.fromThese}
              </button>
              <button
                type="button"
                className="button quiet small"
                aria-label={texts.proposeFor(group.examples[0] ?? "")}
                onClick={() => onWrite(group, true)}
              >
                {texts.propose}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
