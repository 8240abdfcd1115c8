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
import { ReviewBadges } from "@/components/review-badges";
import { Problem, Skeleton } from "@/components/states";
import type { FormVersion } from "@/lib/form";
import { day } from "@/lib/format";
import { useKeys } from "@/lib/use-keys";
import { type Assignment, critiqueQuery, type Redraft } from "@/queries/critiques";
import { useMayManage, useMayReview } from "@/queries/roles";
import { MakeKnown } from "./make-known";
import { Removal } from "./removal";
import { ReviewBar, useReviewing } from "./review-bar";
import { LastReview } from "./reviewed";
import "./review.css";
import { texts } from "./texts";
import { Timeline } from "./timeline";

/** One critique with its answer, its edit and the redrafts under it. */
export function Critique({ project, id }: { project: string; id: number }) {
  const found = useQuery(critiqueQuery(id));
  if (!found.data) {
    return (
      <Page title={texts.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  return <Open project={project} found={found.data} />;
}

function Open({ project, found }: { project: string; found: Assignment }) {
  const { critique, prompt, rollout, redrafts, form: now, answered_under: then } = found;
  const levels = now.form.rating.points ?? 5;
  const mayManage = useMayManage(project);
  const mayReview = useMayReview(project);
  return (
    <Page
      title={prompt.messages.at(-1)?.content ?? texts.title}
      about={<Author author={critique.author} />}
      actions={
        <>
          {mayReview && (
            <>
              <Link
                className="button"
                to="/$project/review/answers/$rollout"
                params={{ project, rollout: String(rollout.id) }}
              >
                {texts.sideBySide}
              </Link>
              <Link className="button" to="/$project/review" params={{ project }}>
                {texts.back}
              </Link>
            </>
          )}
          {(mayManage || found.is_mine) && !found.deletion && <Removal critique={critique} deletion={null} />}
        </>
      }
    >
      {found.deletion && <Removal critique={critique} deletion={found.deletion} />}
      <div className="critique-body">
        <section className="card stack tight" aria-labelledby="answer">
          <div className="row apart">
            <h2 id="answer">{texts.answer}</h2>
            <span className="badge">{rollout.checkpoint.name}</span>
          </div>
          <MarkedAnswer text={rollout.text} spans={(critique.revision ?? critique.draft).spans ?? []} />
        </section>
        <Said
          project={project}
          found={found}
          version={then ?? now}
          isOld={then !== null && then.number < now.number}
        />
      </div>
      {mayReview && <MakeKnown project={project} assignment={found} />}
      <section className="stack tight" aria-labelledby="redrafts">
        <h2 id="redrafts">{texts.redrafts}</h2>
        {redrafts.length === 0 && <p className="muted">{texts.noRedrafts}</p>}
        <div className="redrafts">
          {redrafts.map((row) => (
            <RedraftCard key={row.rollout.id} row={row} answer={rollout.text} levels={levels} />
          ))}
        </div>
      </section>
      <Timeline critique={critique.id} levels={levels} />
    </Page>
  );
}

interface SaidProps {
  project: string;
  found: Assignment;
  version: FormVersion;
  isOld: boolean;
}

function Said({ project, found, version, isOld }: SaidProps) {
  const { critique, rollout } = found;
  const said = critique.revision ?? critique.draft;
  const { form } = version;
  const mayReview = useMayReview(project);
  const reviewing = useReviewing({ critique, isMine: found.is_mine });
  useKeys(mayReview ? { A: reviewing.accept, R: reviewing.giveBack, C: reviewing.correct } : {});
  return (
    <section className="card stack tight said-by" aria-labelledby="critique">
      <div className="row apart">
        <h2 id="critique">{texts.critique}</h2>
        <ReviewBadges critique={critique} />
      </div>
      <p className="paper">{said.text || texts.noText}</p>
      <p className="small muted">
        {texts.rating}: {ratingText(said.rating ?? null, form.rating.points ?? 5)} ·{" "}
        {day(critique.submitted_at ?? critique.created_at)}
      </p>
      {critique.reason && critique.review !== "returned" && (
        <p className="small muted">{texts.reasonGiven(critique.reason)}</p>
      )}
      <LastReview review={found.review} state={critique.review} />
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
          <Changed from={rollout.text} to={said.edit} />
        </>
      )}
      {mayReview && (
        <ReviewBar
          critique={critique}
          isMine={found.is_mine}
          levels={form.rating.points ?? 5}
          tags={found.tags}
          reviewing={reviewing}
          withKeys
        />
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
