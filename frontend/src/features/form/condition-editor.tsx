import { Field } from "@/components/field";
import { type EditedQuestion, valuesOf } from "./edited";
import { texts } from "./texts";

type When = EditedQuestion["when"];

interface ConditionEditorProps {
  when: When;
  earlier: readonly EditedQuestion[];
  onChange: (when: When) => void;
}

/** When a question is shown: always, or only where an earlier one has certain answers. */
export function ConditionEditor({ when, earlier, onChange }: ConditionEditorProps) {
  const possible = earlier.filter((question) => valuesOf(question).length > 0);
  const asked = possible.find((question) => question.key === when?.question);
  if (possible.length === 0 && !when) return null;
  const choose = (key: string) => {
    const first = possible.find((question) => question.key === key);
    onChange(first ? { question: key, values: valuesOf(first).slice(0, 1) } : null);
  };
  const toggle = (value: string | number | boolean) => {
    const values = when?.values ?? [];
    const next = values.includes(value) ? values.filter((known) => known !== value) : [...values, value];
    if (when && next.length > 0) onChange({ ...when, values: next });
  };
  return (
    <>
      <Field label={texts.when}>
        {(ids) => (
          <select {...ids} value={when?.question ?? ""} onChange={(event) => choose(event.target.value)}>
            <option value="">{texts.always}</option>
            {when && !asked && <option value={when.question}>{texts.whenAnswered(when.question)}</option>}
            {possible.map((question) => (
              <option key={question.key} value={question.key}>
                {texts.whenAnswered(question.label || texts.untitled)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {asked && when && (
        <fieldset className="choices">
          <legend>{texts.values}</legend>
          {valuesOf(asked).map((value) => (
            <label key={String(value)}>
              <input type="checkbox" checked={when.values.includes(value)} onChange={() => toggle(value)} />
              {typeof value === "boolean" ? (value ? texts.yes : texts.no) : value}
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}
