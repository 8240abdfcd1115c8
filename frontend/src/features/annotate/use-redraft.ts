import { useCallback, useEffect, useRef, useState } from "react";
import {
  compare,
  type Draft,
  type Redraft,
  redraft as requestRedraft,
  type Verdict,
} from "@/queries/critiques";

export interface Streaming {
  rollout: number;
  text: string;
}

interface Options {
  critique: number;
  known: Redraft[];
  onStart: (version: number) => void;
}

/** The redrafts of a critique: asked for, streamed, stopped, judged. */
export function useRedraft({ critique, known, onStart }: Options) {
  const [redrafts, setRedrafts] = useState(known);
  const [streaming, setStreaming] = useState<Streaming | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

  const ask = useCallback(
    async (draft: Draft, version: number) => {
      abort.current?.abort();
      const controller = new AbortController();
      abort.current = controller;
      setError(null);
      setAsking(true);
      let current = null as Streaming | null;
      try {
        for await (const event of requestRedraft(critique, draft, version, controller.signal)) {
          if (event.kind === "start") {
            onStart(event.version);
            current = { rollout: event.rollout_id, text: "" };
          } else if (event.kind === "delta" && current) {
            current = { ...current, text: current.text + event.text };
          } else if (event.kind === "done") {
            const done: Redraft = { rollout: event.rollout, revision_id: null, verdict: null, rating: null };
            setRedrafts((earlier) => [...earlier, done]);
            current = null;
          } else if (event.kind === "error") {
            throw new Error(event.message);
          }
          setStreaming(current);
        }
      } catch (problem) {
        if (!controller.signal.aborted) setError(problem);
      } finally {
        setAsking(false);
        if (controller.signal.aborted || current !== null) setStreaming(null);
      }
    },
    [critique, onStart],
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
