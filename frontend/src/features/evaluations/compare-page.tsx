import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { comparisonQuery } from "@/queries/evaluations";
import { ComparedAnswers } from "./compared-answers";
import { DifferenceTable } from "./difference-table";
import "./evaluations.css";
import { texts } from "./texts";

interface ComparePageProps {
  project: string;
  a: number;
  b: number;
}

/** Two checkpoints on the same prompts: scores, paired differences, and the answers themselves. */
export function ComparePage({ project, a, b }: ComparePageProps) {
  const found = useQuery(comparisonQuery(a, b));
  const ways = (
    <>
      <Link className="button" to="/$project/evaluations" params={{ project }}>
        {texts.back}
      </Link>
      <Link
        className="button"
        to="/$project/evaluations/$a/$b"
        params={{ project, a: String(b), b: String(a) }}
      >
        {texts.swap}
      </Link>
    </>
  );
  if (!found.data) {
    return (
      <Page title={texts.compareTitle} actions={ways}>
        <NotHere project={project} error={found.error} retry={() => found.refetch()} />
      </Page>
    );
  }
  const { scores, rows, a: before, b: after } = found.data;
  return (
    <Page
      title={texts.compareTitle}
      about={
        <>
          <CheckpointLink project={project} checkpoint={before.checkpoint} />{" "}
          <span aria-hidden="true">→</span> <CheckpointLink project={project} checkpoint={after.checkpoint} />{" "}
          · {texts.suite(before.suite.name, before.suite.version)}
        </>
      }
      actions={ways}
    >
      {scores.length > 0 && <DifferenceTable comparison={found.data} />}
      <ComparedAnswers rows={rows} scorers={scores.map((score) => score.name)} />
    </Page>
  );
}

/** Still loading, refused to who compares blind, or failed. */
function NotHere({ project, error, retry }: { project: string; error: unknown; retry: () => void }) {
  if (!error) return <Skeleton lines={8} />;
  if (!(error instanceof ApiError && error.status === 403)) return <Problem error={error} retry={retry} />;
  return (
    <Empty title={texts.forReviewers}>
      <p>{texts.answersAreBlind}</p>
      <Link className="button primary" to="/$project/compare" params={{ project }}>
        {texts.blindCompare}
      </Link>
    </Empty>
  );
}

interface CheckpointLinkProps {
  project: string;
  checkpoint: { id: number; name: string };
}

function CheckpointLink({ project, checkpoint }: CheckpointLinkProps) {
  return (
    <Link to="/$project/checkpoints/$checkpoint" params={{ project, checkpoint: String(checkpoint.id) }}>
      {checkpoint.name}
    </Link>
  );
}
