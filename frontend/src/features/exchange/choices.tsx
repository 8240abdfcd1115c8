import { Field } from "@/components/field";

interface ChoicesProps<T extends string> {
  legend: string;
  name: string;
  options: Record<T, readonly [string, string]>;
  value: T;
  onChange: (value: T) => void;
}

/** Radio buttons, each with a name and a sentence. */
export function Choices<T extends string>({ legend, name, options, value, onChange }: ChoicesProps<T>) {
  return (
    <fieldset className="shape-choices">
      <legend>{legend}</legend>
      {(Object.keys(options) as T[]).map((option) => (
        <label key={option} className="shape-choice">
          <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
          <span>
            <strong>{options[option][0]}</strong>
            <span className="small muted">{options[option][1]}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface SelectProps<T extends string> {
  label: string;
  all?: string;
  options: Partial<Record<T, string>>;
  value: T | null;
  onChange: (value: T | null) => void;
  hint?: string | undefined;
  disabled?: boolean;
}

/** A select; with `all`, the first option is no choice. */
export function Select<T extends string>({
  label,
  all,
  options,
  value,
  onChange,
  hint,
  disabled = false,
}: SelectProps<T>) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select
          {...ids}
          disabled={disabled}
          value={value ?? ""}
          onChange={(event) => onChange((event.target.value || null) as T | null)}
        >
          {all && <option value="">{all}</option>}
          {(Object.entries(options) as [T, string][]).map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
