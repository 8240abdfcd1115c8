import { useCallback, useEffect, useRef } from "react";
import type { DraftKeeper } from "@/lib/draft-keeper";
import type { Assignment, Draft } from "@/queries/critiques";

/** Correcting the answer in place; an edit that was dropped is there again when the editing goes on. */
export function useEdit(keeper: DraftKeeper<Draft>, edit: string | null, { rollout }: Assignment) {
  const dropped = useRef(rollout.text);
  const box = useRef<HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isToggled = useRef(false);
  const isOn = edit !== null;

  useEffect(() => {
    if (isToggled.current) (isOn ? box : button).current?.focus();
    isToggled.current = false;
  }, [isOn]);

  const toggle = useCallback(() => {
    isToggled.current = true;
    if (edit !== null) dropped.current = edit;
    keeper.change({ edit: edit === null ? dropped.current : null });
  }, [keeper, edit]);
  const change = (text: string) => keeper.change({ edit: text });
  return { text: edit, box, button, toggle, change };
}
