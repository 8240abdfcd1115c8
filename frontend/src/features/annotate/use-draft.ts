import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "@/lib/api";
import { type Assignment, type Draft, saveDraft } from "@/queries/critiques";
import { forgetLocal, localCopy, rememberLocal, sameDraft } from "./local-drafts";

const PAUSE_MS = 800;
const RETRY_MS = 4000;

export type SaveState =
  | { kind: "clean" }
  | { kind: "saving" }
  | { kind: "saved"; at: Date }
  | { kind: "local" }
  | { kind: "conflict"; theirs: Draft; version: number }
  | { kind: "refused"; error: unknown };

/** The draft of one critique: kept in the browser at once, on the server a moment later, never lost. */
export function useDraft(assignment: Assignment) {
  const id = assignment.critique.id;
  const server = assignment.critique.draft;
  const [restored] = useState(() => localCopy(id, server));
  const [draft, setDraft] = useState<Draft>(restored ?? server);
  const [state, setState] = useState<SaveState>({ kind: "clean" });
  const version = useRef(assignment.critique.draft_version);
  const latest = useRef<Draft>(draft);
  const onServer = useRef<Draft>(server);
  const busy = useRef<Promise<void> | null>(null);

  const change = useCallback(
    (changes: Partial<Draft>) => {
      latest.current = { ...latest.current, ...changes };
      rememberLocal(id, latest.current);
      setDraft(latest.current);
    },
    [id],
  );

  const save = useCallback(async (): Promise<void> => {
    if (busy.current) await busy.current;
    if (sameDraft(latest.current, onServer.current)) return;
    const sent = latest.current;
    setState({ kind: "saving" });
    busy.current = saveDraft(id, sent, version.current)
      .then((answer) => {
        version.current = answer.version;
        onServer.current = sent;
        setState({ kind: "saved", at: new Date(answer.saved_at) });
      })
      .catch((error: unknown) => setState(afterFailure(error)))
      .finally(() => {
        busy.current = null;
      });
    await busy.current;
  }, [id]);

  useEffect(() => {
    if (sameDraft(draft, onServer.current)) return;
    const timer = setTimeout(save, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, save]);

  useEffect(() => {
    if (state.kind !== "local") return;
    const timer = setTimeout(save, RETRY_MS);
    return () => clearTimeout(timer);
  }, [state, save]);

  const settle = useCallback((chosen: Draft, serverVersion: number) => {
    version.current = serverVersion;
    latest.current = chosen;
    setDraft(chosen);
    setState({ kind: "clean" });
  }, []);

  const adopt = useCallback((newVersion: number) => {
    version.current = newVersion;
    onServer.current = latest.current;
    setState({ kind: "saved", at: new Date() });
  }, []);

  return {
    draft,
    change,
    state,
    wasRestored: restored !== null,
    version: () => version.current,
    settled: async () => {
      if (busy.current) await busy.current;
    },
    settle,
    adopt,
    retry: save,
    forget: () => forgetLocal(id),
  };
}

function afterFailure(error: unknown): SaveState {
  if (!(error instanceof ApiError)) return { kind: "refused", error };
  if (error.status === 0 || error.status >= 500 || error.status === 401) return { kind: "local" };
  const server = error.details.server as { draft: Draft; version: number } | undefined;
  return server
    ? { kind: "conflict", theirs: server.draft, version: server.version }
    : { kind: "refused", error };
}
