import type { Form, Question } from "@/lib/form";

export type Kind = Question["kind"];
export const KINDS: readonly Kind[] = ["text", "choice", "choices", "scale", "yes_no"];

/** A question as the editor holds it: lists as lines of text, so that typing is never cut short. */
export interface EditedQuestion {
  key: string;
  kind: Kind;
  label: string;
  help: string;
  required: boolean;
  options: string;
  points: number;
  labels: string;
  when: Question["shown_when"];
}

/** A form as the editor holds it. */
export interface EditedForm {
  points: number;
  labels: string;
  required: boolean;
  tags: string;
  questions: EditedQuestion[];
}

/** What the editor shows for a form. */
export function edited(form: Form): EditedForm {
  return {
    points: form.rating.points ?? 5,
    labels: lines(form.rating.labels),
    required: form.rating.required ?? false,
    tags: (form.tags ?? []).join(", "),
    questions: (form.questions ?? []).map((question) => ({
      key: question.key,
      kind: question.kind,
      label: question.label,
      help: question.help ?? "",
      required: question.required ?? false,
      options: "options" in question ? lines(question.options) : "",
      points: question.kind === "scale" ? (question.points ?? 5) : 5,
      labels: question.kind === "scale" ? lines(question.labels) : "",
      when: question.shown_when ?? null,
    })),
  };
}

/** The form that the editor describes. */
export function formOf(draft: EditedForm): Form {
  return {
    rating: { points: draft.points, labels: parts(draft.labels, "\n"), required: draft.required },
    tags: [...new Set(parts(draft.tags, ","))],
    questions: draft.questions.map(questionOf),
  };
}

function questionOf(draft: EditedQuestion): Question {
  const { key, label, help, required } = draft;
  const common = { key, label, help, required, shown_when: draft.when ?? null };
  switch (draft.kind) {
    case "choice":
    case "choices":
      return { kind: draft.kind, ...common, options: parts(draft.options, "\n") };
    case "scale":
      return { kind: "scale", ...common, points: draft.points, labels: parts(draft.labels, "\n") };
    default:
      return { kind: draft.kind, ...common };
  }
}

/** A new question of a kind, with a key that no version of the form has used. */
export function newQuestion(kind: Kind, taken: ReadonlySet<string>): EditedQuestion {
  let number = 1;
  while (taken.has(`${kind}_${number}`)) number += 1;
  const options = kind === "choice" || kind === "choices" ? "First\nSecond" : "";
  return {
    key: `${kind}_${number}`,
    kind,
    label: "",
    help: "",
    required: false,
    options,
    points: 5,
    labels: "",
    when: null,
  };
}

/** The values that others can wait for; none for words. */
export function valuesOf(draft: EditedQuestion): (string | number | boolean)[] {
  if (draft.kind === "yes_no") return [true, false];
  if (draft.kind === "scale") return Array.from({ length: draft.points }, (_, place) => place + 1);
  return draft.kind === "text" ? [] : parts(draft.options, "\n");
}

const lines = (list: readonly string[] | undefined) => (list ?? []).join("\n");
const parts = (text: string, by: string) =>
  text
    .split(by)
    .map((part) => part.trim())
    .filter(Boolean);
