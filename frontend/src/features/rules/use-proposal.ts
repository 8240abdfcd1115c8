import { useCallback, useEffect, useRef, useState } from "react";
import { toApiError } from "@/lib/api";
import { proposeRule } from "@/queries/judges";
import { texts } from "./texts";

/** A sentence that a model proposes: as it comes, then whole with the judge that said it. */
export interface Proposal {
  text: string;
  judge: string | null;
}

/** Asks a model for a rule from critiques; the sentence is only shown, never saved. */
export function useProposal(project: string) {
  const [proposal, setProposal] = useState<Proposal | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

  /** `onDone` hears the whole sentence. */
  const ask = useCallback(
    async (critiques: readonly number[], onDone: (text: string, judge: string) => void) => {
      abort.current?.abort();
      const controller = new AbortController();
      abort.current = controller;
      setAsking(true);
      setError(null);
      setProposal(null);
      let text = "";
      let whole = false;
      try {
        for await (const event of proposeRule(project, critiques, controller.signal)) {
          if (event.kind === "error") throw toApiError(502, event);
          text = event.kind === "delta" ? text + event.text : event.text;
          whole = event.kind === "done";
          setProposal({ text, judge: event.kind === "done" ? event.judge : null });
          if (event.kind === "done" && event.text) onDone(event.text, event.judge);
        }
        if (!controller.signal.aborted && (!whole || !text)) {
          throw toApiError(502, { code: "no_sentence", message: whole ? texts.saidNothing : texts.brokeOff });
        }
      } catch (problem) {
        if (!controller.signal.aborted) setError(problem);
      } finally {
        if (abort.current === controller) setAsking(false);
      }
    },
    [project],
  );

  return { proposal, asking, error, ask, stop: () => abort.current?.abort() };
}
