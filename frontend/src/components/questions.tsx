import { useId } from "react";
import { type Answer, type Answers, askedOf, type Form, type Question } from "@/lib/form";
import { texts } from "@/lib/texts";
import { Field } from "./field";
import { About, chooseByDigit, leaveByMouse, Rating } from "./rating";

interface QuestionsProps {
  form: Form;
  answers: Answers;
  onChange: (answers: Answers) => void;
  /** What is wrong with the answers, by key of question. */
  problems?: Record<string, string>;
}

/** The questions of a form that are asked, given the answers so far. */
export function Questions({ form, answers, onChange, problems = {} }: QuestionsProps) {
  const answer = (key: string, value: Answer | undefined) => {
    const { [key]: _, ...others } = answers;
    onChange(value === undefined ? others : { ...others, [key]: value });
  };
  return askedOf(form, answers).map((question) => (
    <OneQuestion
      key={question.key}
      question={question}
      value={answers[question.key]}
      problem={problems[question.key]}
      onChange={(value) => answer(question.key, value)}
    />
  ));
}

interface OneProps<Q extends Question = Question> {
  question: Q;
  value: Answer | undefined;
  problem: string | undefined;
  onChange: (value: Answer | undefined) => void;
}

function OneQuestion({ question, ...props }: OneProps) {
  switch (question.kind) {
    case "scale":
      return <ScaleField question={question} {...props} />;
    case "choices":
      return <ChoicesField question={question} {...props} />;
    case "choice":
      return <ChoiceField question={question} options={question.options} {...props} />;
    case "yes_no":
      return <YesNoField question={question} {...props} />;
    default:
      return <TextField question={question} {...props} />;
  }
}

const labelOf = (question: Question) =>
  question.required ? texts.form.required(question.label) : question.label;

function TextField({ question, value, problem, onChange }: OneProps) {
  return (
    <Field label={labelOf(question)} hint={question.help || undefined} problem={problem}>
      {(ids) => (
        <textarea
          {...ids}
          rows={2}
          maxLength={5000}
          aria-required={question.required}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value || undefined)}
        />
      )}
    </Field>
  );
}

function ScaleField({ question, value, problem, onChange }: OneProps<Question & { kind: "scale" }>) {
  const steps = question.points - 1;
  return (
    <Rating
      label={labelOf(question)}
      levels={question.points}
      names={question.labels}
      hint={question.help || undefined}
      problem={problem}
      value={typeof value === "number" ? (value - 1) / steps : null}
      onChange={(share) => onChange(share === null ? undefined : Math.round(share * steps) + 1)}
    />
  );
}

function YesNoField({ value, onChange, ...props }: OneProps<Question & { kind: "yes_no" }>) {
  const { yes, no } = texts.form;
  const shown = typeof value === "boolean" ? (value ? yes : no) : undefined;
  return (
    <ChoiceField
      {...props}
      options={[yes, no]}
      value={shown}
      onChange={(option) => onChange(option === undefined ? undefined : option === yes)}
    />
  );
}

/** One of some options: arrows and digits choose, choosing the same again takes it back. */
function ChoiceField({ question, options, value, problem, onChange }: OneProps & { options: string[] }) {
  const name = useId();
  return (
    <fieldset
      className="choices"
      aria-describedby={`${name}-about`}
      onKeyDown={(event) => chooseByDigit(event, options.length, (place) => onChange(options[place]))}
    >
      <legend>{labelOf(question)}</legend>
      {options.map((option) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={value === option}
            onChange={() => onChange(option)}
            onClick={(event) => {
              if (value === option) onChange(undefined);
              leaveByMouse(event);
            }}
          />
          {option}
        </label>
      ))}
      <About id={`${name}-about`} hint={question.help} problem={problem} />
    </fieldset>
  );
}

/** Any number of options: Tab and Space, or a digit, tick one and take it back. */
function ChoicesField({ question, value, problem, onChange }: OneProps<Question & { kind: "choices" }>) {
  const name = useId();
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (option: string) => {
    const next = question.options.filter((known) => chosen.includes(known) !== (known === option));
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <fieldset
      className="choices"
      aria-describedby={`${name}-about`}
      onKeyDown={(event) =>
        chooseByDigit(event, question.options.length, (place) => toggle(question.options[place] ?? ""))
      }
    >
      <legend>{labelOf(question)}</legend>
      {question.options.map((option) => (
        <label key={option}>
          <input
            type="checkbox"
            checked={chosen.includes(option)}
            onChange={() => toggle(option)}
            onClick={leaveByMouse}
          />
          {option}
        </label>
      ))}
      <About id={`${name}-about`} hint={question.help} problem={problem} />
    </fieldset>
  );
}
