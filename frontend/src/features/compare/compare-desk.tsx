import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "@/components/desk.css";
import { useCallback } from "react";
import { Empty, Problem, Skeleton } from "@/components/states";
import { comparisonSetsQuery, nextPairQuery } from "@/queries/comparisons";
import "./compare.css";
import { PairDesk } from "./pair-desk";
import { texts } from "./texts";

/** The pairs of one set, one after the other. */
export function CompareDesk({ project, set }: { project: string; set: number }) {
  const queries = useQueryClient();
  const next = useQuery(nextPairQuery(set));
  const sets = useQuery(comparisonSetsQuery(project));
  const mine = sets.data?.find((found) => found.id === set);
  const advance = useCallback(async () => {
    await queries.resetQueries({ queryKey: nextPairQuery(set).queryKey });
    await queries.invalidateQueries({ queryKey: comparisonSetsQuery(project).queryKey });
  }, [queries, project, set]);
  if (next.data)
    return (
      <PairDesk
        key={next.data.preference.id}
        project={project}
        assignment={next.data}
        counts={mine ? `${mine.name} · ${texts.progress(mine.mine, mine.left)}` : ""}
        onAdvance={advance}
      />
    );
  return (
    <main className="page" id="content">
      <h1>{texts.title}</h1>
      {next.isPending && <Skeleton lines={8} />}
      {next.error && <Problem error={next.error} retry={() => next.refetch()} />}
      {next.data === null && (
        <Empty title={texts.done}>
          <p>{texts.doneWhy}</p>
          <div className="row">
            <Link className="button primary" to="/$project/compare" params={{ project }}>
              {texts.all}
            </Link>
            <button type="button" className="button" onClick={() => next.refetch()}>
              {texts.next}
            </button>
          </div>
        </Empty>
      )}
    </main>
  );
}
