import type { Series } from "@/lib/series";
import { humanise } from "./schema";
import { texts } from "./texts";

/** Areas in the order of how much they say about a run; what is not here comes after. */
const ORDER = [
  "probe",
  "reward",
  "critique",
  "teacher",
  "divergence",
  "drift",
  "loss",
  "rollout",
  "policy",
  "ratio",
  "mask",
  "optim",
  "time",
];

/** Areas whose curves share a unit and so a chart. */
const SHARED = new Set(["probe", "reward", "critique", "loss", "time"]);

export interface Plot {
  key: string;
  curves: { label: string; points: [number, number][] }[];
}

export interface Area {
  name: string;
  title: string;
  plots: Plot[];
  meanings: Meaning[];
}

/** What some curves say, in plain words. */
export interface Meaning {
  labels: string;
  text: string;
}

/** Curves by area, the probe scores first; curves of one unit in one plot. */
export function areasOf(series: Series): Area[] {
  const byArea = new Map<string, string[]>();
  for (const name of Object.keys(series).sort()) {
    const area = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
    byArea.set(area, [...(byArea.get(area) ?? []), name]);
  }
  return [...byArea.keys()].sort(byOrder).map((name) => ({
    name,
    title: texts.areas[name] ?? humanise(name),
    plots: plotsOf(name, byArea.get(name) ?? [], series),
    meanings: meaningsOf(byArea.get(name) ?? []),
  }));
}

/** The meaning of a metric; undefined for one that nobody explained. */
export function meaningOf(metric: string): string | undefined {
  const found = Object.entries(texts.meanings).find(([pattern]) =>
    pattern.endsWith("*") ? metric.startsWith(pattern.slice(0, -1)) : metric === pattern,
  );
  return found?.[1];
}

function meaningsOf(names: string[]): Meaning[] {
  const byText = new Map<string, string[]>();
  for (const name of names) {
    const text = meaningOf(name);
    if (text) byText.set(text, [...(byText.get(text) ?? []), labelOf(name)]);
  }
  return [...byText].map(([text, labels]) => ({ labels: labels.join(" · "), text }));
}

function plotsOf(area: string, names: string[], series: Series): Plot[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = SHARED.has(area) ? area : isShare(name) ? `${area}/share` : name;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([key, members]) => ({
    key,
    curves: members.map((name) => ({ label: labelOf(name), points: series[name] ?? [] })),
  }));
}

const isShare = (name: string) => name.endsWith("_frac");

function byOrder(a: string, b: string): number {
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return rank(a) - rank(b) || a.localeCompare(b);
}

/** "rollout/truncated_frac" as "truncated, share". */
function labelOf(name: string): string {
  return name
    .slice(name.indexOf("/") + 1)
    .replace(/_frac$/, ", share")
    .replace(/_mean$/, ", mean")
    .replaceAll("_", " ");
}
