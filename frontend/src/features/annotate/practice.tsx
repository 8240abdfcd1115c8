import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Markdown } from "@/components/markdown";
import { ratingText } from "@/components/rating";
import { SpanList } from "@/components/span-list";
import { Problem, Skeleton } from "@/components/states";
import type { Assignment } from "@/queries/critiques";
import { type Feedback, feedbackQuery } from "@/queries/known-items";
import { texts } from "./texts";

interface PracticeFeedbackProps {
  assignment: Assignment;
  onNext: () => void;
}

/** After a practice item: what was expected, and what the annotator said. */
export function PracticeFeedback({ assignment, onNext }: PracticeFeedbackProps) {
  const found = useQuery(feedbackQuery(assignment.critique.id));
  const next = useRef<HTMLButtonElement>(null);
  const isThere = found.data !== undefined;
  useEffect(() => {
    if (isThere) next.current?.focus();
  }, [isThere]);
  return (
    <main className="page" id="content">
      <h1>{texts.practice.title}</h1>
      <div className="card paper">
        <Markdown>{assignment.rollout.text}</Markdown>
      </div>
      {found.isPending && <Skeleton lines={4} />}
      {found.error && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.data && <Said feedback={found.data} levels={assignment.form.form.rating.points ?? 5} />}
      <div>
        <button ref={next} type="button" className="button primary" onClick={onNext}>
          {texts.next}
        </button>
      </div>
    </main>
  );
}

function Said({ feedback, levels }: { feedback: Feedback; levels: number }) {
  const { practice } = texts;
  const found = feedback.spans_found.filter(Boolean).length;
  const low = ratingText(feedback.rating_low, levels);
  const high = ratingText(feedback.rating_high, levels);
  return (
    <section className="card stack" aria-label={practice.title}>
      <p className={feedback.passed ? "notice good" : "notice warn"} role="status">
        {feedback.kind === "gold"
          ? practice.gold[feedback.passed ? "passed" : "missed"]
          : practice.seeded[feedback.passed ? "passed" : "missed"]}
      </p>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{practice.expected}</th>
            <th scope="col">{practice.said}</th>
          </tr>
        </thead>
        <tbody>
          {feedback.rating_low !== null && (
            <tr>
              <th scope="row">{texts.rating}</th>
              <td>{low === high ? low : practice.range(low, high)}</td>
              <td>{ratingText(feedback.rating, levels)}</td>
            </tr>
          )}
          {feedback.spans.length > 0 && (
            <tr>
              <th scope="row">{practice.places}</th>
              <td>{feedback.spans.length}</td>
              <td>
                {practice.marked(found)}
                {feedback.words_found && `, ${practice.named}`}
              </td>
            </tr>
          )}
          {feedback.tags.length > 0 && (
            <tr>
              <th scope="row">{texts.tags}</th>
              <td>{feedback.tags.join(", ")}</td>
              <td>
                {feedback.tags_missing.length === 0
                  ? practice.allTags
                  : practice.missing(feedback.tags_missing)}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {feedback.spans.length > 0 && <SpanList spans={feedback.spans} />}
      {feedback.note && (
        <div className="paper">
          <Markdown>{feedback.note}</Markdown>
        </div>
      )}
    </section>
  );
}
