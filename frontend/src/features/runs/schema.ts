/** A node of a JSON schema, as far as a form needs it. */
export interface Node {
  $ref?: string;
  $defs?: Record<string, Node>;
  title?: string;
  description?: string;
  type?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  oneOf?: Node[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
  properties?: Record<string, Node>;
  items?: Node;
  minItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

export type Values = Record<string, unknown>;

export interface NumberControl {
  kind: "number";
  whole: boolean;
  nullable: boolean;
  minimum?: number | undefined;
  maximum?: number | undefined;
  above?: number | undefined;
  below?: number | undefined;
}

export type Control =
  | NumberControl
  | { kind: "choice"; options: string[]; nullable: boolean }
  | { kind: "many"; options: string[]; fewest: number }
  | { kind: "switch" }
  | { kind: "text"; nullable: boolean };

/** One value of the form. `path` is dotted, as in "optimiser.steps". */
export interface Leaf {
  path: string;
  title: string;
  description: string;
  initial: unknown;
  control: Control;
}

/** A named part of the form. With `tag` its fields depend on the value at "path.tag". */
export interface Group {
  path: string;
  title: string;
  description: string;
  tag: string | null;
  variants: Record<string, Leaf[]>;
  leaves: Leaf[];
}

export interface Form {
  groups: Group[];
  leaves: Leaf[];
}

/** The form that a schema describes: its groups, and what stands in none. */
export function readSchema(root: Node): Form {
  const form: Form = { groups: [], leaves: [] };
  for (const [name, raw] of Object.entries(root.properties ?? {})) {
    const node = resolve(raw, root);
    if (node.discriminator || node.properties) form.groups.push(readGroup(name, node, root));
    else form.leaves.push(readLeaf(name, name, node, root));
  }
  return form;
}

function readGroup(path: string, node: Node, root: Node): Group {
  const shared = { path, title: node.title ?? humanise(path), description: node.description ?? "" };
  if (!node.discriminator)
    return { ...shared, tag: null, variants: {}, leaves: readLeaves(path, node, root) };
  const tag = node.discriminator.propertyName;
  const variants = Object.fromEntries(
    Object.entries(node.discriminator.mapping).map(([value, ref]) => [
      value,
      readLeaves(path, resolve({ $ref: ref }, root), root).filter((leaf) => leaf.path !== `${path}.${tag}`),
    ]),
  );
  return { ...shared, tag, variants, leaves: [] };
}

function readLeaves(path: string, node: Node, root: Node): Leaf[] {
  return Object.entries(node.properties ?? {}).map(([name, raw]) =>
    readLeaf(`${path}.${name}`, name, resolve(raw, root), root),
  );
}

function readLeaf(path: string, name: string, node: Node, root: Node): Leaf {
  return {
    path,
    title: node.title ?? humanise(name),
    description: node.description ?? "",
    initial: node.default,
    control: readControl(node, root),
  };
}

function readControl(node: Node, root: Node): Control {
  const parts = (node.anyOf ?? [node]).map((part) => resolve(part, root));
  const nullable = parts.some((part) => part.type === "null");
  const some = parts.find((part) => part.type !== "null") ?? {};
  const options = optionsOf(parts);
  if (options.length > 0) return { kind: "choice", options, nullable };
  if (some.type === "array") {
    const choices = optionsOf([resolve(some.items ?? {}, root)]);
    return { kind: "many", options: choices, fewest: some.minItems ?? 0 };
  }
  if (some.type === "boolean") return { kind: "switch" };
  if (some.type === "integer" || some.type === "number") {
    return {
      kind: "number",
      whole: some.type === "integer",
      nullable,
      minimum: some.minimum,
      maximum: some.maximum,
      above: some.exclusiveMinimum,
      below: some.exclusiveMaximum,
    };
  }
  return { kind: "text", nullable };
}

const optionsOf = (parts: Node[]) =>
  parts.flatMap((part) => part.enum ?? (part.const === undefined ? [] : [part.const])).map(String);

/** Follow a reference; what stands beside it (a description) wins. */
function resolve(node: Node, root: Node): Node {
  if (!node.$ref) return node;
  const { $ref, ...beside } = node;
  const name = $ref.slice($ref.lastIndexOf("/") + 1);
  return { ...root.$defs?.[name], ...beside };
}

/** The leaves of a group for the values that it holds. */
export function leavesOf(group: Group, values: Values): Leaf[] {
  return group.tag === null
    ? group.leaves
    : (group.variants[String(getAt(values, `${group.path}.${group.tag}`))] ?? []);
}

/** Every leaf that the values use. */
export function allLeaves(form: Form, values: Values): Leaf[] {
  return [...form.groups.flatMap((group) => leavesOf(group, values)), ...form.leaves];
}

/** The value at a dotted path. */
export function getAt(values: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), values);
}

/** The values with another one at a dotted path. */
export function setAt(values: Values, path: string, value: unknown): Values {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...values, [name]: value };
  const inner = values[name];
  return { ...values, [name]: setAt(isObject(inner) ? inner : {}, rest.join("."), value) };
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two values of a form are the same. */
export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Only what differs from the schema's own defaults; variants keep their tag. */
export function prune(form: Form, values: Values): Values {
  let pruned: Values = {};
  for (const group of form.groups) {
    if (group.tag === null) continue;
    const path = `${group.path}.${group.tag}`;
    pruned = setAt(pruned, path, getAt(values, path));
  }
  for (const leaf of allLeaves(form, values)) {
    const value = getAt(values, leaf.path);
    if (value !== undefined && !same(value, leaf.initial)) pruned = setAt(pruned, leaf.path, value);
  }
  return pruned;
}

/** "first_turn_mean" as "First turn mean". */
export function humanise(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
