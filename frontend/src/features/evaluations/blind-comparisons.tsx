import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { comparisonSetsQuery } from "@/queries/comparisons";
import { texts } from "./texts";

/** What people preferred, beside what was measured: the blind comparisons and the way to their results. */
export function BlindComparisons({ project }: { project: string }) {
  const sets = useQuery(comparisonSetsQuery(project)).data ?? [];
  return (
    <section className="card stack tight" aria-labelledby="blind">
      <div className="row apart">
        <h2 id="blind">{texts.blind}</h2>
        <Link className="button small" to="/$project/compare" params={{ project }}>
          {texts.blindAll}
        </Link>
      </div>
      {sets.length === 0 && <p className="small muted">{texts.blindNone}</p>}
      {sets.slice(0, 5).map((set) => (
        <div key={set.id} className="row">
          <Link to="/$project/compare/$set/result" params={{ project, set: String(set.id) }}>
            {set.name}
          </Link>
          <span className="small muted">{texts.blindAnswered(set.submitted, set.pairs * set.overlap)}</span>
        </div>
      ))}
    </section>
  );
}
