import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { AnswerList } from "@/components/answers";
import { Author } from "@/components/author";
import { Diff } from "@/components/diff";
import { Markdown } from "@/components/markdown";
import { MarkedAnswer } from "@/components/marked-answer";
import { Page } from "@/components/page";
import { ratingText } from "@/components/rating";
import { Problem, Skeleton } from "@/components/states";
import type { FormVersion } from "@/lib/form";
import { day } from "@/lib/format";
import { type Assignment, critiqueQuery, type Redraft } from "@/queries/critiques";
import { useMayReview } from "@/queries/roles";
import { MakeKnown } from "./make-known";
import "./review.css";
import { texts } from "./texts";

/** One critique with its answer, its edit and the redrafts under it. */
export function Critique({ project, id }: { project: string; id: number }) {
  const found = useQuery(critiqueQuery(id));
  const mayReview = useMayReview(project);
  if (!found.data) {
    return (
      <Page title={texts.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const { critique, prompt, rollout, redrafts, form: now, answered_under: then } = found.data;
  const levels = now.form.rating.points ?? 5;
  return (
    <Page
      title={prompt.messages.at(-1)?.content ?? texts.title}
      about={<Author author={critique.author} />}
      actions={
        <Link className="button quiet" to="/$project/review" params={{ project }}>
          {texts.back}
        </Link>
      }
    >
      <div className="critique-body">
        <section className="card stack tight" aria-labelledby="answer">
          <div className="row apart">
            <h2 id="answer">{texts.answer}</h2>
            <span className="badge">{rollout.checkpoint.name}</span>
          </div>
          <MarkedAnswer text={rollout.text} spans={(critique.revision ?? critique.draft).spans ?? []} />
        </section>
        <Said
          critique={critique}
          answer={rollout.text}
          version={then ?? now}
          isOld={then !== null && then.number < now.number}
        />
      </div>
      {mayReview && <MakeKnown project={project} assignment={found.data} />}
      <section className="stack tight" aria-labelledby="redrafts">
        <h2 id="redrafts">{texts.redrafts}</h2>
        {redrafts.length === 0 && <p className="muted">{texts.noRedrafts}</p>}
        <div className="redrafts">
          {redrafts.map((row) => (
            <RedraftCard key={row.rollout.id} row={row} answer={rollout.text} levels={levels} />
          ))}
        </div>
      </section>
    </Page>
  );
}

interface SaidProps {
  critique: Assignment["critique"];
  answer: string;
  version: FormVersion;
  isOld: boolean;
}

function Said({ critique, answer, version, isOld }: SaidProps) {
  const said = critique.revision ?? critique.draft;
  const { form } = version;
  return (
    <section className="card stack tight said-by" aria-labelledby="critique">
      <div className="row apart">
        <h2 id="critique">{texts.critique}</h2>
        <span className="badge">{texts.states[critique.state]}</span>
      </div>
      <p className="paper">{said.text || texts.noText}</p>
      <p className="small muted">
        {texts.rating}: {ratingText(said.rating ?? null, form.rating.points ?? 5)} ·{" "}
        {day(critique.submitted_at ?? critique.created_at)}
      </p>
      {critique.reason && <p className="small muted">{texts.reasonGiven(critique.reason)}</p>}
      {said.tags && said.tags.length > 0 && (
        <ul className="plain-list row" aria-label={texts.tags}>
          {said.tags.map((tag) => (
            <li key={tag} className="badge">
              {tag}
            </li>
          ))}
        </ul>
      )}
      <AnswerList form={form} answers={said.answers ?? {}} />
      {isOld && <p className="small muted">{texts.underOldForm(version.number)}</p>}
      {said.edit && (
        <>
          <h3>{texts.edit}</h3>
          <Changed from={answer} to={said.edit} />
        </>
      )}
    </section>
  );
}

function RedraftCard({ row, answer, levels }: { row: Redraft; answer: string; levels: number }) {
  return (
    <div className="card stack tight">
      <div className="row small muted">
        {row.verdict && (
          <span className={row.verdict === "better" ? "badge good" : "badge"}>
            {texts.verdicts[row.verdict]}
          </span>
        )}
        {texts.rating}: {ratingText(row.rating, levels)}
      </div>
      <Changed from={answer} to={row.rollout.text} />
    </div>
  );
}

/** A text that came of another; what changed is shown on demand, word by word. */
function Changed({ from, to }: { from: string; to: string }) {
  const [showsDiff, setShowsDiff] = useState(false);
  return (
    <>
      {showsDiff ? (
        <Diff from={from} to={to} />
      ) : (
        <div className="paper">
          <Markdown>{to}</Markdown>
        </div>
      )}
      <div>
        <button type="button" className="button small" onClick={() => setShowsDiff(!showsDiff)}>
          {showsDiff ? texts.text : texts.changes}
        </button>
      </div>
    </>
  );
}
