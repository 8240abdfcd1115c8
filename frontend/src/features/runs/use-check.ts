import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { ApiError } from "@/lib/api";
import { useDebounced } from "@/lib/use-debounced";
import { type Check, checkQuery } from "@/queries/runs";
import type { Draft } from "./draft";
import type { Form } from "./schema";
import { localProblems, placeProblems, type Refusal } from "./values";

const STILL_MS = 400;
const UNPROCESSABLE = 422;
const NOTHING: Refusal = { fields: {}, general: [] };

/** What the server finds in a draft, asked once it stands still; problems come put to their fields. */
export function useCheck(project: string, form: Form, draft: Draft) {
  const local = useMemo(() => localProblems(form, draft.recipe), [form, draft.recipe]);
  const broken = Object.keys(local).length > 0;
  const asked = useDebounced(draft, STILL_MS);
  const settled = asked === draft;
  const found = useQuery({
    ...checkQuery(project, asked.recipe, asked.base),
    enabled: settled && !broken,
    placeholderData: keepPreviousData,
  });
  const refused = settled && !broken ? refusalIn(form, draft, found.error) : NOTHING;
  const last = useRef<Check>(undefined);
  last.current = found.data ?? last.current;
  const isRefusal = refused !== NOTHING;
  return {
    check: last.current,
    stale: !settled || found.isPlaceholderData || !found.data,
    broken,
    problems: { ...refused.fields, ...local },
    general: refused.general,
    error: isRefusal || !settled || broken ? null : found.error,
    ready: settled && !broken && !found.isPlaceholderData && found.isSuccess && found.data.ok,
    retry: () => void found.refetch(),
  };
}

/** What a refusal says about the draft's fields. */
export function refusalIn(form: Form, draft: Draft, error: unknown): Refusal {
  if (!(error instanceof ApiError) || error.status !== UNPROCESSABLE) return NOTHING;
  return placeProblems(form, draft.recipe, error.details.fields);
}
