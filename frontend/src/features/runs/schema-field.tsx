import { useId, useState } from "react";
import { Field } from "@/components/field";
import { type Control, humanise, type Leaf, type NumberControl } from "./schema";
import { texts } from "./texts";
import { bounds, readNumber } from "./values";

interface SchemaFieldProps {
  leaf: Leaf;
  value: unknown;
  problem: string | undefined;
  onChange: (value: unknown) => void;
}

/** The control for one value of a schema, with its description, bounds and default. */
export function SchemaField({ leaf, value, problem, onChange }: SchemaFieldProps) {
  const { control } = leaf;
  if (control.kind === "switch") return <SwitchField leaf={leaf} value={value} onChange={onChange} />;
  if (control.kind === "many") {
    return (
      <ManyField leaf={leaf} options={control.options} value={value} problem={problem} onChange={onChange} />
    );
  }
  return (
    <Field label={leaf.title} hint={hintOf(leaf)} problem={problem}>
      {(ids) =>
        control.kind === "choice" ? (
          <select
            {...ids}
            value={value === null ? "" : String(value)}
            onChange={(event) => onChange(event.target.value === "" ? null : event.target.value)}
          >
            {control.options.map((option) => (
              <option key={option} value={option}>
                {wordFor(option)}
              </option>
            ))}
            {control.nullable && <option value="">{humanise(texts.form.nothing)}</option>}
          </select>
        ) : control.kind === "number" ? (
          <NumberInput ids={ids} control={control} value={value} onChange={onChange} />
        ) : (
          <input
            {...ids}
            type="text"
            value={value == null ? "" : String(value)}
            onChange={(event) =>
              onChange(event.target.value === "" && control.nullable ? null : event.target.value)
            }
          />
        )
      }
    </Field>
  );
}

interface NumberInputProps {
  ids: { id: string };
  control: NumberControl;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Keeps what was typed as it was typed; a value from elsewhere replaces it. */
function NumberInput({ ids, control, value, onChange }: NumberInputProps) {
  const [typed, setTyped] = useState("");
  const shown = readNumber(typed, control.nullable) === value ? typed : value == null ? "" : String(value);
  return (
    <input
      {...ids}
      type="text"
      inputMode="decimal"
      value={shown}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(readNumber(event.target.value, control.nullable));
      }}
    />
  );
}

function SwitchField({ leaf, value, onChange }: Omit<SchemaFieldProps, "problem">) {
  const id = useId();
  return (
    <div className="field switch">
      <div className="row">
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          aria-describedby={`${id}-hint`}
          onChange={(event) => onChange(event.target.checked)}
        />
        <label className="label" htmlFor={id}>
          {leaf.title}
        </label>
      </div>
      <span className="hint" id={`${id}-hint`}>
        {leaf.description}
      </span>
    </div>
  );
}

function ManyField({ leaf, options, value, problem, onChange }: SchemaFieldProps & { options: string[] }) {
  const id = useId();
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (option: string, on: boolean) =>
    onChange(options.filter((each) => (each === option ? on : chosen.includes(each))));
  return (
    <fieldset className="field many" aria-describedby={`${id}-hint`}>
      <legend className="label">{leaf.title}</legend>
      <div className="row">
        {options.map((option) => (
          <label key={option} className="row">
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={(event) => toggle(option, event.target.checked)}
            />
            {wordFor(option)}
          </label>
        ))}
      </div>
      <span className="hint" id={`${id}-hint`}>
        {leaf.description}
      </span>
      {problem && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
    </fieldset>
  );
}

const wordFor = (option: string) => texts.values[option] ?? humanise(option);

function hintOf(leaf: Leaf): string {
  const facts = [limits(leaf.control), initial(leaf)].filter(Boolean).join("; ");
  return facts ? `${leaf.description} (${facts})` : leaf.description;
}

const limits = (control: Control) => (control.kind === "number" ? bounds(control) : "");

function initial(leaf: Leaf): string {
  if (leaf.control.kind !== "number" || leaf.initial === undefined) return "";
  return texts.form.byDefault(leaf.initial === null ? texts.form.nothing : String(leaf.initial));
}
