import { useCallback, useEffect, useRef, useState } from "react";
import {
  compare,
  type Draft,
  type Redraft,
  redraft as requestRedraft,
  type Verdict,
} from "@/queries/critiques";

/** The redraft that is under way: its text so far, and whether it broke off. */
export interface Streaming {
  text: string;
  isCut: boolean;
}

/** The redrafts of a critique: asked for, streamed, stopped, judged. */
export function useRedraft(critique: number, known: Redraft[]) {
  const [redrafts, setRedrafts] = useState(known);
  const [streaming, setStreaming] = useState<Streaming | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

  /** `onStart` hears the draft's new version before the first word; the answer is what went wrong, or null. */
  const ask = useCallback(
    async (draft: Draft, version: number, onStart: (version: number) => void): Promise<unknown> => {
      abort.current?.abort();
      const controller = new AbortController();
      abort.current = controller;
      setError(null);
      setAsking(true);
      setStreaming(null);
      let text = "";
      try {
        for await (const event of requestRedraft(critique, draft, version, controller.signal)) {
          if (event.kind === "error") throw new Error(event.message);
          if (event.kind === "start") onStart(event.version);
          if (event.kind === "delta") {
            text += event.text;
            setStreaming({ text, isCut: false });
          }
          if (event.kind === "done") {
            text = "";
            setRedrafts((earlier) => [...earlier, unjudged(event.rollout)]);
          }
        }
        return null;
      } catch (problem) {
        if (controller.signal.aborted) return null;
        setError(problem);
        return problem;
      } finally {
        if (abort.current === controller) {
          setAsking(false);
          setStreaming(text ? { text, isCut: true } : null);
        }
      }
    },
    [critique],
  );

  const judge = useCallback(
    async (rollout: number, verdict: Verdict | null, rating: number | null) => {
      const put = (row: Redraft) => (row.rollout.id === rollout ? { ...row, verdict, rating } : row);
      setRedrafts((rows) => rows.map(put));
      try {
        await compare(critique, rollout, verdict, rating);
        setError(null);
      } catch (problem) {
        setError(problem);
      }
    },
    [critique],
  );

  return { redrafts, streaming, asking, error, ask, judge, stop: () => abort.current?.abort() };
}

const unjudged = (rollout: Redraft["rollout"]): Redraft => ({
  rollout,
  revision_id: null,
  verdict: null,
  rating: null,
});
