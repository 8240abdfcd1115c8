import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Markdown } from "@/components/markdown";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { useKeys } from "@/lib/use-keys";
import { adjudicationQuery, type Adjudication as Found } from "@/queries/reviews";
import { AdjudicationCard } from "./adjudication-card";
import { drawnBy, marksOf } from "./drawn";
import "./review.css";
import { spansOf } from "./reviewed";
import { texts } from "./texts";

const words = texts.adjudicate;

/** One answer with all its critiques side by side: choose the right one, or write it. */
export function Adjudication({ project, rollout }: { project: string; rollout: number }) {
  const found = useQuery(adjudicationQuery(rollout));
  if (!found.data) {
    return (
      <Page title={words.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <SideBySide project={project} found={found.data} />;
}

function SideBySide({ project, found }: { project: string; found: Found }) {
  const { critiques, rollout, prompt } = found;
  const [place, setPlace] = useState(0);
  const drawn = useMemo(() => drawnBy(critiques.map(spansOf)), [critiques]);
  const marks = useMemo(() => marksOf(drawn, rollout.text), [drawn, rollout.text]);
  const go = (to: number) => {
    const next = Math.min(critiques.length - 1, Math.max(0, to));
    setPlace(next);
    document.getElementById(`critique-${critiques[next]?.id}`)?.scrollIntoView({ block: "nearest" });
  };
  useKeys({ J: () => go(place + 1), K: () => go(place - 1) });
  return (
    <Page
      title={prompt.messages.at(-1)?.content ?? words.title}
      about={words.keys}
      actions={
        <Link className="button" to="/$project/review/answers" params={{ project }}>
          {words.back}
        </Link>
      }
    >
      <section className="card stack tight" aria-labelledby="answer">
        <div className="row apart">
          <h2 id="answer">{texts.answer}</h2>
          <span className="badge">{rollout.checkpoint.name}</span>
        </div>
        <div className="paper">
          <Markdown marks={marks}>{rollout.text}</Markdown>
        </div>
      </section>
      {critiques.length === 0 ? (
        <Empty title={words.nothing}>
          <Link className="button" to="/$project/review/answers" params={{ project }}>
            {words.back}
          </Link>
        </Empty>
      ) : (
        <section className="stack tight" aria-label={words.by}>
          <p className="visually-hidden" role="status">
            {words.position(place + 1, critiques.length)}
          </p>
          <div className="side-by-side">
            {critiques.map((critique, at) => (
              <AdjudicationCard
                key={critique.id}
                project={project}
                critique={critique}
                answer={rollout.text}
                drawn={drawn[at]}
                levels={found.rating_levels}
                tags={found.tags}
                isCurrent={at === place}
                onChoose={() => setPlace(at)}
              />
            ))}
          </div>
        </section>
      )}
    </Page>
  );
}
