import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, ProgressBar, Skeleton } from "@/components/states";
import { type ComparisonSet, comparisonSetsQuery, useOpenComparisonSet } from "@/queries/comparisons";
import { useMayReview } from "@/queries/roles";
import "./compare.css";
import { NewComparison } from "./new-comparison";
import { texts } from "./texts";

/** All comparisons of a project: what is left for me, and for reviewers the results. */
export function ComparePage({ project }: { project: string }) {
  const sets = useQuery(comparisonSetsQuery(project));
  const reviews = useMayReview(project);
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        reviews && (
          <button type="button" className="button" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            {texts.create}
          </button>
        )
      }
    >
      {adding && <NewComparison project={project} onDone={() => setAdding(false)} />}
      {sets.isPending && <Skeleton lines={5} />}
      {sets.error && <Problem error={sets.error} retry={() => sets.refetch()} />}
      {sets.data?.length === 0 && !adding && (
        <Empty title={texts.empty}>
          <p>{texts.emptyWhy}</p>
          {reviews ? (
            <button type="button" className="button primary" onClick={() => setAdding(true)}>
              {texts.create}
            </button>
          ) : (
            <p>{texts.emptyOthers}</p>
          )}
        </Empty>
      )}
      {sets.data && sets.data.length > 0 && (
        <ul className="comparison-sets" aria-label={texts.sets}>
          {sets.data.map((set) => (
            <SetRow key={set.id} project={project} set={set} reviews={reviews} />
          ))}
        </ul>
      )}
    </Page>
  );
}

interface SetRowProps {
  project: string;
  set: ComparisonSet;
  reviews: boolean;
}

function SetRow({ project, set, reviews }: SetRowProps) {
  const change = useOpenComparisonSet(project);
  const wanted = set.pairs * set.overlap;
  return (
    <li className="card comparison-set">
      <div className="stack tight">
        <h2>{set.name}</h2>
        <span className="small muted">
          {texts.progress(set.mine, set.left)} · {texts.people(set.overlap)}
        </span>
      </div>
      <div className="comparison-progress small">
        <span className="muted">
          {texts.columns.answered} {set.submitted} / {wanted}
        </span>
        <ProgressBar done={set.submitted} total={wanted} label={`${texts.columns.answered}: ${set.name}`} />
      </div>
      <div className="row">
        {!set.is_open && <span className="badge">{texts.closed}</span>}
        {set.left > 0 && (
          <Link
            className="button primary"
            aria-label={texts.compareNamed(set.name)}
            to="/$project/compare/$set"
            params={{ project, set: String(set.id) }}
          >
            {texts.compare}
          </Link>
        )}
        {reviews && (
          <>
            <Link
              className="button"
              aria-label={texts.resultOf(set.name)}
              to="/$project/compare/$set/result"
              params={{ project, set: String(set.id) }}
            >
              {texts.result}
            </Link>
            <button
              type="button"
              className="button quiet"
              disabled={change.isPending}
              onClick={() => change.mutate({ set: set.id, isOpen: !set.is_open })}
            >
              {set.is_open ? texts.close : texts.reopen}
            </button>
          </>
        )}
      </div>
      {change.error && <Problem error={change.error} />}
    </li>
  );
}
