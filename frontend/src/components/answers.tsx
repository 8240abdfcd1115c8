import { type Answer, type Answers, type Form, isEmpty, type Question, removedAnswers } from "@/lib/form";
import { texts } from "@/lib/texts";
import "./answers.css";

/** What was answered, under the form it was answered with; answers to questions that it no longer has come last. */
export function AnswerList({ form, answers }: { form: Form; answers: Answers }) {
  const asked = (form.questions ?? []).filter((question) => !isEmpty(answers[question.key]));
  return (
    <>
      {asked.length > 0 && (
        <dl className="answers">
          {asked.map((question) => (
            <div key={question.key}>
              <dt>{question.label}</dt>
              <dd>{shown(question, answers[question.key])}</dd>
            </div>
          ))}
        </dl>
      )}
      <RemovedAnswers form={form} answers={answers} />
    </>
  );
}

/** Answers to questions that a form no longer has. */
export function RemovedAnswers({ form, answers }: { form: Form; answers: Answers }) {
  const removed = removedAnswers(form, answers);
  if (removed.length === 0) return null;
  return (
    <section className="notice small" aria-label={texts.form.removed}>
      {texts.form.removed}
      <dl className="answers">
        {removed.map(([key, answer]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{plain(answer)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function shown(question: Question, answer: Answer | undefined): string {
  if (question.kind === "scale" && typeof answer === "number") {
    const name = question.labels?.[answer - 1];
    return texts.rating.point(answer, question.points, name);
  }
  return plain(answer);
}

function plain(answer: Answer | undefined): string {
  if (typeof answer === "boolean") return answer ? texts.form.yes : texts.form.no;
  return Array.isArray(answer) ? answer.join(", ") : String(answer ?? "–");
}
