import { allLeaves, type Control, type Form, getAt, type NumberControl, type Values } from "./schema";

/** A number from what was typed; what is none stays as it was typed. Nothing is null where that is allowed. */
export function readNumber(text: string, nullable: boolean): number | string | null {
  const trimmed = text.trim();
  if (trimmed === "") return nullable ? null : "";
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : text;
}

/** "1 to 256", "above 0, at most 0.1", "at least 0". */
export function bounds(control: NumberControl): string {
  const { minimum, maximum, above, below } = control;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  const low = minimum !== undefined ? `at least ${minimum}` : above !== undefined ? `above ${above}` : "";
  const high = maximum !== undefined ? `at most ${maximum}` : below !== undefined ? `below ${below}` : "";
  return [low, high].filter(Boolean).join(", ");
}

/** What is wrong with a value, in words; null when nothing is. */
export function problemOf(control: Control, value: unknown): string | null {
  if (control.kind === "many") {
    const chosen = Array.isArray(value) ? value.length : 0;
    return chosen < control.fewest ? `Choose at least ${control.fewest}.` : null;
  }
  if (control.kind !== "number" || (control.nullable && value === null)) return null;
  return numberFits(control, value) ? null : wanted(control);
}

function numberFits(control: NumberControl, value: unknown): boolean {
  return (
    typeof value === "number" &&
    (!control.whole || Number.isInteger(value)) &&
    value >= (control.minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (control.maximum ?? Number.POSITIVE_INFINITY) &&
    value > (control.above ?? Number.NEGATIVE_INFINITY) &&
    value < (control.below ?? Number.POSITIVE_INFINITY)
  );
}

function wanted(control: NumberControl): string {
  const kind = control.whole ? "A whole number" : "A number";
  const limits = bounds(control);
  return `${kind}${limits ? ` (${limits})` : ""}${control.nullable ? ", or empty" : ""}.`;
}

/** What is wrong in the whole form, by path. */
export function localProblems(form: Form, values: Values): Record<string, string> {
  const found: Record<string, string> = {};
  for (const leaf of allLeaves(form, values)) {
    const problem = problemOf(leaf.control, getAt(values, leaf.path));
    if (problem) found[leaf.path] = problem;
  }
  return found;
}

export interface Refusal {
  fields: Record<string, string>;
  general: string[];
}

/** What the server says about fields of a recipe, put to the paths of the form. What is about no single
 * field is general; it stands at the fields it names too. */
export function placeProblems(form: Form, values: Values, details: unknown): Refusal {
  const refusal: Refusal = { fields: {}, general: [] };
  const paths = allLeaves(form, values).map((leaf) => leaf.path);
  for (const { field, problem } of readDetails(details)) {
    const where = withoutTags(form, field.replace(/^recipe\.?/, ""));
    const path = paths.find((each) => where === each || where.startsWith(`${each}.`));
    if (path) refusal.fields[path] = problem;
    else refusal.general.push(...sentences(problem));
  }
  for (const sentence of refusal.general) {
    for (const path of paths.filter((each) => sentence.includes(each))) refusal.fields[path] ??= sentence;
  }
  return refusal;
}

const sentences = (text: string) => text.split(/(?<=\.) (?=[A-Z])/);

function readDetails(details: unknown): { field: string; problem: string }[] {
  if (!Array.isArray(details)) return [];
  return details.map((each) => ({
    field: String(each?.field ?? ""),
    problem: String(each?.problem ?? "").replace(/^Value error, /, ""),
  }));
}

/** "method.rltf-sd.gamma" as "method.gamma": the name of a variant is not part of a path. */
function withoutTags(form: Form, field: string): string {
  const [first = "", second = "", ...rest] = field.split(".");
  const group = form.groups.find((each) => each.path === first);
  return group?.tag && second in group.variants ? [first, ...rest].join(".") : field;
}
