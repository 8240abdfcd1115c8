import { ApiError } from "@/lib/api";
import type { LineError } from "@/queries/prompts";

/** How many lines hold anything. */
export function countLines(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

/** The bad lines that a refused import names; none for another error. */
export function badLines(error: unknown): LineError[] {
  const lines = error instanceof ApiError ? error.details.errors : undefined;
  return Array.isArray(lines) ? (lines as LineError[]) : [];
}

/** The number in a field, or null when it is not one between the bounds. */
export function numberWithin(text: string, low: number, high: number): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return value >= low && value <= high ? value : null;
}

/** The same for whole numbers. */
export function wholeWithin(text: string, low: number, high: number): number | null {
  const value = numberWithin(text, low, high);
  return value !== null && Number.isInteger(value) ? value : null;
}
