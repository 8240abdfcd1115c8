import type { Shapes } from "@/lib/api";

export type DataFilter = Shapes["ViewBody"]["filter"];
export type Listed = Shapes["Listed"];

/** What the address of the page asks for: a list and its filter. */
export type DataSearch = DataFilter & { list?: Listed | undefined };

type Kind = "text" | "number" | "yes" | readonly string[];

/** The filter's fields and what each may hold; what is not here is never sent. */
export const FIELDS = {
  words: "text",
  split: ["train", "probe", "eval"],
  prompt_tag: "text",
  metadata_key: "text",
  metadata_value: "text",
  checkpoint_id: "number",
  source: ["attempt", "redraft", "evaluation", "run"],
  spread_from: "number",
  rating_from: "number",
  rating_to: "number",
  author_id: "number",
  author_kind: ["annotator", "judge", "verifier"],
  state: ["submitted", "draft", "skipped", "discarded", "deleted"],
  review: ["unreviewed", "accepted", "returned", "corrected"],
  tag: "text",
  has_span: "yes",
  severity: ["minor", "major", "critical"],
} as const satisfies Record<keyof DataFilter, Kind>;

export type FilterName = keyof typeof FIELDS;
export const LISTS: readonly Listed[] = ["rollouts", "critiques", "prompts"];
export const PROMPT_FIELDS: readonly FilterName[] = [
  "words",
  "split",
  "prompt_tag",
  "metadata_key",
  "metadata_value",
];

/** The list and filter that an address asks for; what it says wrongly is left out. */
export function readDataSearch(search: Record<string, unknown>): DataSearch {
  const found = Object.entries(FIELDS).flatMap(([name, kind]) => {
    const value = readValue(search[name], kind);
    return value === undefined ? [] : [[name, value]];
  });
  const list = LISTS.find((known) => known === search.list);
  return { ...(Object.fromEntries(found) as DataFilter), ...(list ? { list } : {}) };
}

/** The filter alone, for a page with one list. */
export function readDataFilter(search: Record<string, unknown>): DataFilter {
  const { list: _, ...filter } = readDataSearch(search);
  return filter;
}

/** A value of a field as typed or read from an address; undefined if it is none. */
export function readValue(value: unknown, kind: Kind): string | number | boolean | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (kind === "yes") return value === true || value === "true" ? true : undefined;
  if (kind === "number") return Number.isFinite(Number(value)) ? Number(value) : undefined;
  if (kind === "text") return String(value);
  return kind.find((known) => known === value);
}

/** The fields that count in a list: a prompt has no author and no rating. */
export function filterFor(list: Listed, filter: DataFilter): DataFilter {
  if (list !== "prompts") return filter;
  const known = Object.entries(filter).filter(([name]) => PROMPT_FIELDS.some((field) => field === name));
  return Object.fromEntries(known) as DataFilter;
}
