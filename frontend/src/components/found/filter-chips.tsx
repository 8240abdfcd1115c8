import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type DataFilter, FIELDS, type FilterName, readValue } from "@/lib/data-filter";
import { checkpointsQuery } from "@/queries/checkpoints";
import { membersQuery } from "@/queries/project-admin";
import { texts } from "./texts";

interface FilterChipsProps {
  project: string;
  fields: readonly FilterName[];
  /** Those that stand there from the start. */
  pinned: readonly FilterName[];
  filter: DataFilter;
  onChange: (filter: DataFilter) => void;
}

/** The filters that hold, as chips that one takes away, and a menu to add one. */
export function FilterChips({ project, fields, pinned, filter, onChange }: FilterChipsProps) {
  const [adding, setAdding] = useState<FilterName[]>([]);
  const known: readonly FilterName[] = fields.filter((name) => name !== "words");
  const added = known.filter(
    (name) => !pinned.includes(name) && (filter[name] != null || adding.includes(name)),
  );
  const shown = [...pinned, ...added];
  const change = (name: FilterName, value: unknown) =>
    onChange({ ...filter, [name]: readValue(value, FIELDS[name]) });
  const remove = (name: FilterName) => {
    setAdding(adding.filter((each) => each !== name));
    const together: FilterName[] = name.startsWith("metadata_") ? ["metadata_key", "metadata_value"] : [name];
    onChange({ ...filter, ...Object.fromEntries(together.map((each) => [each, undefined])) });
  };
  const add = (name: FilterName) => {
    const together: FilterName[] = name.startsWith("metadata_") ? ["metadata_key", "metadata_value"] : [name];
    setAdding([...adding, ...together]);
    if (FIELDS[name] === "yes") change(name, true);
  };
  return (
    <div className="data-filters">
      {shown.map((name) => (
        <span key={name} className="chip">
          {/* biome-ignore lint/a11y/noLabelWithoutControl: Value is the control */}
          <label>
            <span>{texts.names[name]}</span>
            <Value
              project={project}
              name={name}
              value={filter[name] ?? null}
              onChange={(value) => change(name, value)}
            />
          </label>
          {added.includes(name) && (
            <button type="button" aria-label={texts.remove(texts.names[name])} onClick={() => remove(name)}>
              ×
            </button>
          )}
        </span>
      ))}
      <select
        className="narrow"
        aria-label={texts.addFilter}
        value=""
        onChange={(event) => {
          const name = known.find((each) => each === event.target.value);
          if (name) add(name);
        }}
      >
        <option value="">+ {texts.addFilter}</option>
        {known
          .filter((name) => !shown.includes(name) && name !== "metadata_value")
          .map((name) => (
            <option key={name} value={name}>
              {texts.names[name]}
            </option>
          ))}
      </select>
      {shown.some((name) => filter[name] != null || added.includes(name)) && (
        <button
          type="button"
          className="button quiet small"
          onClick={() => {
            setAdding([]);
            onChange({});
          }}
        >
          {texts.clear}
        </button>
      )}
    </div>
  );
}

interface ValueProps {
  project: string;
  name: FilterName;
  value: string | number | boolean | null;
  onChange: (value: string | boolean) => void;
}

function Value({ project, name, value, onChange }: ValueProps) {
  const kind = FIELDS[name];
  if (kind === "yes") return <b>{texts.values.true}</b>;
  if (name === "checkpoint_id" || name === "author_id")
    return <Known project={project} name={name} value={value} onChange={onChange} />;
  if (typeof kind === "string")
    return (
      <input
        type={kind === "number" ? "number" : "text"}
        {...(kind === "number" ? { min: 0, max: 1, step: 0.05, placeholder: texts.fraction } : {})}
        defaultValue={value === null ? "" : String(value)}
        onBlur={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
        }}
      />
    );
  return (
    <select value={String(value ?? "")} onChange={(event) => onChange(event.target.value)}>
      <option value="">{texts.any}</option>
      {kind.map((each) => (
        <option key={each} value={each}>
          {texts.values[each] ?? each}
        </option>
      ))}
    </select>
  );
}

/** A choice among the project's checkpoints or people. */
function Known({ project, name, value, onChange }: ValueProps) {
  const checkpoints = useQuery({ ...checkpointsQuery(project), enabled: name === "checkpoint_id" });
  const members = useQuery({ ...membersQuery(project), enabled: name === "author_id" });
  const options =
    name === "checkpoint_id"
      ? checkpoints.data?.map((found) => [found.id, found.name] as const)
      : members.data?.map((found) => [found.user.id, found.user.name] as const);
  return (
    <select value={String(value ?? "")} onChange={(event) => onChange(event.target.value)}>
      <option value="">{texts.any}</option>
      {options?.map(([id, label]) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </select>
  );
}
