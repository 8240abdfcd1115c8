import { useMemo } from "react";
import { type Form, getAt, type Leaf, leavesOf, same, setAt, type Values } from "./schema";
import { SchemaField } from "./schema-field";
import { texts } from "./texts";

interface SchemaFormProps {
  form: Form;
  values: Values;
  /** What the values were before anything was changed. */
  before: Values;
  problems: Record<string, string>;
  /** Paths of the fields that are always visible, in this order. */
  important: readonly string[];
  onChange: (values: Values) => void;
}

/** A form made from a JSON schema: the important fields open, all others folded by group. */
export function SchemaForm({ form, values, before, problems, important, onChange }: SchemaFormProps) {
  const parts = useMemo(() => split(form, values, important), [form, values, important]);
  const field = (leaf: Leaf) => (
    <SchemaField
      key={leaf.path}
      leaf={leaf}
      value={getAt(values, leaf.path)}
      problem={problems[leaf.path]}
      onChange={(value) => onChange(setAt(values, leaf.path, value))}
    />
  );
  const changed = (leaf: Leaf) => !same(getAt(values, leaf.path), getAt(before, leaf.path));
  return (
    <div className="stack">
      <div className="schema-fields">{parts.open.map(field)}</div>
      <div className="schema-folds">
        <h3>{texts.form.advanced}</h3>
        {parts.folded.map(({ title, description, leaves }) => (
          <Fold
            key={title}
            title={title}
            changed={leaves.filter(changed).length}
            broken={leaves.some((leaf) => problems[leaf.path])}
          >
            {description && <p className="small muted">{description}</p>}
            <div className="schema-fields">{leaves.map(field)}</div>
          </Fold>
        ))}
      </div>
    </div>
  );
}

interface FoldProps {
  title: string;
  changed: number;
  broken: boolean;
  children: React.ReactNode;
}

function Fold({ title, changed, broken, children }: FoldProps) {
  return (
    <details {...(broken ? { open: true } : {})}>
      <summary>
        {title}
        {changed > 0 && <span className="badge">{texts.form.changed(changed)}</span>}
      </summary>
      <div className="stack tight">{children}</div>
    </details>
  );
}

interface Folded {
  title: string;
  description: string;
  leaves: Leaf[];
}

function split(form: Form, values: Values, important: readonly string[]): { open: Leaf[]; folded: Folded[] } {
  const groups: Folded[] = form.groups.map((group) => ({
    title: group.title,
    description: group.description,
    leaves: leavesOf(group, values),
  }));
  groups.push({ title: texts.form.other, description: "", leaves: form.leaves });
  const all = groups.flatMap((group) => group.leaves);
  return {
    open: important.flatMap((path) => all.find((leaf) => leaf.path === path) ?? []),
    folded: groups
      .map((group) => ({ ...group, leaves: group.leaves.filter((leaf) => !important.includes(leaf.path)) }))
      .filter((group) => group.leaves.length > 0),
  };
}
