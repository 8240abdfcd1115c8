import type { KeyboardEvent } from "react";
import { Field } from "@/components/field";
import { ConditionEditor } from "./condition-editor";
import type { EditedQuestion } from "./edited";
import { PointsField } from "./points-field";
import { texts } from "./texts";

interface QuestionEditorProps {
  question: EditedQuestion;
  earlier: readonly EditedQuestion[];
  place: { number: number; of: number };
  onChange: (question: EditedQuestion) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One question: what it asks, what it takes, when it is shown, and its place. */
export function QuestionEditor({
  question,
  earlier,
  place,
  onChange,
  onMove,
  onRemove,
}: QuestionEditorProps) {
  const name = question.label || texts.untitled;
  const text = (field: "label" | "help" | "options" | "labels") => ({
    value: question[field],
    onChange: (event: { target: { value: string } }) =>
      onChange({ ...question, [field]: event.target.value }),
  });
  const takesOptions = question.kind === "choice" || question.kind === "choices";
  return (
    <li className="form-question stack tight" data-question={question.key}>
      <div className="row apart">
        <span className="row">
          <strong className="small">{texts.question(place.number)}</strong>
          <span className="badge" title={texts.key(question.key)}>
            {texts.kinds[question.kind]}
          </span>
        </span>
        <span className="row">
          <Arrow name={name} id={question.key} by={-1} disabled={place.number === 1} onMove={onMove} />
          <Arrow name={name} id={question.key} by={1} disabled={place.number === place.of} onMove={onMove} />
          <button
            type="button"
            className="button quiet small"
            aria-label={texts.removeName(name)}
            onClick={onRemove}
          >
            {texts.remove}
          </button>
        </span>
      </div>
      <Field label={texts.label}>
        {(ids) => <input {...ids} required maxLength={200} {...text("label")} />}
      </Field>
      <Field label={texts.help}>{(ids) => <input {...ids} maxLength={500} {...text("help")} />}</Field>
      {takesOptions && (
        <Field label={texts.options}>{(ids) => <textarea {...ids} rows={3} {...text("options")} />}</Field>
      )}
      {question.kind === "scale" && (
        <>
          <PointsField
            label={texts.points}
            value={question.points}
            onChange={(points) => onChange({ ...question, points })}
          />
          <Field label={texts.labels} hint={texts.labelsHint}>
            {(ids) => <textarea {...ids} rows={2} {...text("labels")} />}
          </Field>
        </>
      )}
      <ConditionEditor
        when={question.when}
        earlier={earlier}
        onChange={(when) => onChange({ ...question, when })}
      />
      <label className="row small">
        <input
          type="checkbox"
          checked={question.required}
          onChange={(event) => onChange({ ...question, required: event.target.checked })}
        />
        {texts.required}
      </label>
    </li>
  );
}

interface ArrowProps {
  name: string;
  id: string;
  by: -1 | 1;
  disabled: boolean;
  onMove: (by: -1 | 1) => void;
}

function Arrow({ name, id, by, disabled, onMove }: ArrowProps) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <button
      type="button"
      className="button quiet small"
      data-move={`${id}:${by}`}
      aria-label={by < 0 ? texts.up(name) : texts.down(name)}
      disabled={disabled}
      onClick={() => onMove(by)}
      onKeyDown={press}
    >
      {by < 0 ? "↑" : "↓"}
    </button>
  );
}
