import { type RefObject, useCallback, useRef, useState } from "react";
import { ApiError } from "@/lib/api";
import type { DraftKeeper } from "@/lib/draft-keeper";
import { type Assignment, type Draft, postpone, submit } from "@/queries/critiques";
import type { useForm } from "./use-form";
import type { Left } from "./use-undo";

interface Leaving extends Pick<ReturnType<typeof useForm>, "form" | "refused"> {
  assignment: Assignment;
  keeper: DraftKeeper<Draft>;
  box: RefObject<HTMLTextAreaElement | null>;
  onAdvance: (left?: Left) => Promise<void>;
}

/** Handing a critique in, or leaving it for later; and what was said against it. */
export function useLeaving({ assignment, keeper, form, refused, box, onAdvance }: Leaving) {
  const { id } = assignment.critique;
  const [failure, setFailure] = useState<unknown>(null);
  const attempted = useRef<() => Promise<void>>(async () => {});
  const [busy, setBusy] = useState(false);
  const [isPractised, setPractised] = useState(false);
  const key = useRef(crypto.randomUUID());

  const leave = useCallback(
    async (act: () => Promise<void>) => {
      if (busy) return;
      attempted.current = act;
      setBusy(true);
      setFailure(null);
      try {
        await act();
      } catch (error) {
        setFailure(error);
        await refused(error);
        if (error instanceof ApiError && error.details.field === "text") box.current?.focus();
      } finally {
        setBusy(false);
      }
    },
    [busy, refused, box],
  );

  const handIn = useCallback(
    () =>
      leave(async () => {
        await keeper.handIn((sent, version) =>
          submit(id, { ...sent, form_version: form.number }, version, key.current),
        );
        if (assignment.practice) setPractised(true);
        else await onAdvance({ critique: id, way: "submitted" });
      }),
    [leave, keeper, id, form.number, assignment.practice, onAdvance],
  );

  const putOff = useCallback(
    () =>
      leave(async () => {
        await keeper.flush();
        await postpone(id);
        await onAdvance({ critique: id, way: "postponed" });
      }),
    [leave, keeper, id, onAdvance],
  );

  const retry = () => leave(attempted.current);
  return { handIn, putOff, retry, failure, setFailure, busy, isPractised };
}
