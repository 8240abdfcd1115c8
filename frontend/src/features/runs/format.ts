import { duration } from "@/lib/format";
import { humanise } from "./schema";
import { texts } from "./texts";

/** "1.5 GB". */
export function bytes(value: number): string {
  return value >= 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${Math.round(value / 1e6)} MB`;
}

/** "812", "12.4k", "3.1M". */
export function amount(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(1)}k`;
  return String(Math.round(value * 10) / 10);
}

/** "43 %". */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A forecast or actual figure in its unit. */
export function figure(name: string, value: unknown): string {
  if (typeof value !== "number") return value == null ? texts.none : String(value);
  if (name === "seconds") return duration(value);
  if (name === "peak_memory_bytes") return bytes(value);
  return amount(value);
}

export interface AmountRow {
  name: string;
  label: string;
  expected: string;
  actual: string;
}

/** Forecast beside actual, by figure; the known ones first. */
export function amountRows(forecast: Record<string, unknown>, actual: Record<string, unknown>): AmountRow[] {
  const known: Record<string, string> = texts.amounts;
  const names = [...new Set([...Object.keys(known), ...Object.keys(forecast), ...Object.keys(actual)])];
  return names
    .filter((name) => name in forecast || name in actual)
    .map((name) => ({
      name,
      label: known[name] ?? humanise(name),
      expected: figure(name, forecast[name]),
      actual: figure(name, actual[name]),
    }));
}

export interface UsageRow {
  name: string;
  label: string;
  value: string;
  share: number | null;
}

const WHOLES: Record<string, string[]> = {
  stored_attempts: ["stored_attempts", "live_attempts"],
  live_attempts: ["stored_attempts", "live_attempts"],
  recorded_redrafts: ["recorded_redrafts", "sampled_redrafts"],
  sampled_redrafts: ["recorded_redrafts", "sampled_redrafts"],
  right_redrafts: ["recorded_redrafts", "sampled_redrafts"],
};

/** What a run learned from, with each count's share where it is a part of something. */
export function usageRows(usage: Record<string, unknown>): UsageRow[] {
  const order = Object.keys(texts.usage);
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const sorted = Object.entries(usage).sort(([a], [b]) => place(a) - place(b));
  return sorted.map(([name, value]) => {
    const whole = (WHOLES[name] ?? []).reduce((sum, part) => sum + count(usage[part]), 0);
    return {
      name,
      label: texts.usage[name] ?? humanise(name),
      value: typeof value === "number" ? amount(value) : JSON.stringify(value),
      share: whole > 0 ? count(value) / whole : null,
    };
  });
}

const count = (value: unknown) => (typeof value === "number" ? value : 0);
