import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { type Evaluation, evaluationsQuery } from "@/queries/evaluations";
import { useMayManage, useMayReview } from "@/queries/roles";
import { BlindComparisons } from "./blind-comparisons";
import { EvaluationTable } from "./evaluation-table";
import "./evaluations.css";
import { inOrder, toggled } from "./pair";
import { Start } from "./start";
import { texts } from "./texts";

/** Evaluations with their scores; two of one suite can be compared. */
export function EvaluationsPage({ project }: { project: string }) {
  const evaluations = useQuery(evaluationsQuery(project));
  const manages = useMayManage(project);
  const reviews = useMayReview(project);
  const [chosen, setChosen] = useState<number[]>([]);
  const rows = evaluations.data ?? [];
  return (
    <Page title={texts.title} about={texts.about}>
      {manages && <Start project={project} />}
      {evaluations.isPending && <Skeleton lines={5} />}
      {evaluations.error && <Problem error={evaluations.error} retry={() => evaluations.refetch()} />}
      {evaluations.data?.length === 0 && (
        <Empty title={texts.empty}>
          <p>{texts.emptyWhy}</p>
          {!manages && <p>{texts.emptyOthers}</p>}
          <pre className="command">{curl(project)}</pre>
        </Empty>
      )}
      {rows.length > 0 && (
        <section className="stack tight" aria-label={texts.title}>
          {reviews ? (
            <Choice project={project} chosen={rows.filter((row) => chosen.includes(row.id))} />
          ) : (
            <p className="choice small muted">{texts.answersAreBlind}</p>
          )}
          <EvaluationTable
            project={project}
            rows={rows}
            chosen={reviews ? chosen : null}
            onToggle={(id) => setChosen((known) => toggled(known, id))}
          />
        </section>
      )}
      {reviews && <BlindComparisons project={project} />}
    </Page>
  );
}

/** What is chosen, and the way to the comparison. */
function Choice({ project, chosen }: { project: string; chosen: Evaluation[] }) {
  const [one, other] = chosen;
  if (!one || !other) return <p className="choice small muted">{one ? texts.pickOne : texts.pick}</p>;
  if (one.suite.id !== other.suite.id) return <p className="choice small">{texts.pickedApart}</p>;
  const [a, b] = inOrder(one, other);
  return (
    <div className="choice row">
      <Link
        className="button primary"
        to="/$project/evaluations/$a/$b"
        params={{ project, a: String(a.id), b: String(b.id) }}
      >
        {texts.compare}
      </Link>
      <span className="small muted">{texts.pickedTwo(a.checkpoint.name, b.checkpoint.name)}</span>
    </div>
  );
}

function curl(project: string): string {
  return `curl ${window.location.origin}/api/projects/${project}/evaluations \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"checkpoint_id": 1}'`;
}
