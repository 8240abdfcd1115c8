import type { Shapes } from "./api";

export type Form = Shapes["Form"];
export type FormVersion = Shapes["FormShape"];
export type Question = NonNullable<Form["questions"]>[number];
export type Answers = Shapes["RevisionShape"]["answers"];
export type Answer = Answers[string];

/** The questions that are asked, given the answers so far; the same as `asked` in `backend/forms.py`. */
export function askedOf(form: Form, answers: Answers): Question[] {
  const shown = new Set<string>();
  return (form.questions ?? []).filter((question) => {
    const when = question.shown_when;
    const answer = when && answers[when.question];
    const given = Array.isArray(answer) ? answer : [answer];
    const isAsked =
      !when || (shown.has(when.question) && given.some((value) => includes(when.values, value)));
    if (isAsked) shown.add(question.key);
    return isAsked;
  });
}

const includes = (values: readonly unknown[], value: unknown) => values.includes(value);

/** Whether an answer says nothing. */
export function isEmpty(answer: Answer | undefined): boolean {
  return (
    answer === undefined ||
    (Array.isArray(answer) && answer.length === 0) ||
    (typeof answer === "string" && answer.trim() === "")
  );
}

/** Answers to questions that a form does not have, by key. */
export function removedAnswers(form: Form, answers: Answers): [string, Answer][] {
  const known = new Set((form.questions ?? []).map((question) => question.key));
  return Object.entries(answers).filter(([key, answer]) => !known.has(key) && !isEmpty(answer));
}

/** What a refused submission says of each question, by key. */
export function problemsOf(details: Record<string, unknown>): Record<string, string> {
  const problems = (details.problems ?? []) as { key: string | null; message: string }[];
  return Object.fromEntries(problems.map(({ key, message }) => [key ?? "", message]));
}
