import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "@/components/desk.css";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { type ComparisonResult, comparisonResultQuery } from "@/queries/comparisons";
import "./compare.css";
import { ReasonedPairs } from "./reasoned-pairs";
import { texts } from "./texts";
import { WinRates } from "./win-rates";

/** What people preferred: the win rate, what the place on the screen did, and every pair with its reasons. */
export function ResultPage({ project, set }: { project: string; set: number }) {
  const found = useQuery(comparisonResultQuery(set));
  const ways = (
    <Link className="button" to="/$project/compare" params={{ project }}>
      {texts.all}
    </Link>
  );
  if (!found.data)
    return (
      <Page title={texts.result} actions={ways}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  const result = found.data;
  return (
    <Page title={texts.result} about={<About project={project} result={result} />} actions={ways}>
      {result.a_wins === null ? (
        <Empty title={texts.noAnswer}>
          <p>{texts.noAnswerWhy}</p>
        </Empty>
      ) : (
        <>
          <WinRates result={result} />
          <ReasonedPairs pairs={result.pairs} />
        </>
      )}
    </Page>
  );
}

function About({ project, result }: { project: string; result: ComparisonResult }) {
  return (
    <>
      {texts.resultAbout(result.set.name)}
      {(["a", "b"] as const).map((side) => {
        const checkpoint = result[side];
        return (
          checkpoint && (
            <span key={side}>
              {" "}
              · {texts.ab[side]}:{" "}
              <Link
                to="/$project/checkpoints/$checkpoint"
                params={{ project, checkpoint: String(checkpoint.id) }}
              >
                {checkpoint.name}
              </Link>
            </span>
          )
        );
      })}
    </>
  );
}
