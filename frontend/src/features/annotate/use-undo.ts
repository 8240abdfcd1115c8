import { useCallback, useEffect, useState } from "react";
import { reopen } from "@/queries/critiques";

/** How long the way back is offered; afterwards the history has it. */
const OFFERED_MS = 10_000;

/** A critique that has just left the desk, and how. */
export interface Left {
  critique: number;
  way: "submitted" | "skipped" | "discarded" | "postponed";
}

/** The way back to what was handed in or put aside last, for some seconds. */
export function useUndo(onReopened: () => Promise<void>) {
  const [left, setLeft] = useState<Left | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!left) return;
    const timer = setTimeout(() => setLeft(null), OFFERED_MS);
    return () => clearTimeout(timer);
  }, [left]);

  const offer = useCallback((next: Left | null) => {
    setLeft(next);
    setError(null);
  }, []);
  const undo = useCallback(async () => {
    if (!left) return;
    setLeft(null);
    try {
      await reopen(left.critique);
      await onReopened();
    } catch (problem) {
      setError(problem);
    }
  }, [left, onReopened]);
  return { left, error, offer, undo };
}
