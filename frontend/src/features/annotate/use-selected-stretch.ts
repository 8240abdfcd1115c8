import { type RefObject, useCallback, useEffect, useState } from "react";
import type { Stretch } from "@/lib/anchors";
import { stretchOf } from "@/lib/selection";

/**
 * What is selected in the answer with the mouse or a finger, once the pointer is lifted, and how to let it go.
 *
 * It stays until a person presses a key or points elsewhere: a browser drops a selection also by itself, for instance
 * when a finger touches the bar of the selection, which is no elsewhere.
 */
export function useSelectedStretch(
  box: RefObject<HTMLElement | null>,
  bar: string,
  source: string,
): [Stretch | null, () => void] {
  const [chosen, setChosen] = useState<Stretch | null>(null);
  useEffect(() => {
    let isDown = false;
    let hasActed = false;
    const read = () => {
      if (isDown) return;
      const found = box.current && selected(box.current, source);
      if (found || hasActed) setChosen(found);
      if (found) hasActed = false;
    };
    const onKey = () => {
      hasActed = true;
    };
    const onDown = ({ target }: PointerEvent) => {
      if (target instanceof Element && target.closest(bar)) return;
      isDown = hasActed = true;
    };
    const onUp = () => {
      isDown = false;
      setTimeout(read);
    };
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("pointerdown", onDown);
    document.addEventListener("pointerup", onUp);
    document.addEventListener("pointercancel", onUp);
    document.addEventListener("selectionchange", read);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("pointerdown", onDown);
      document.removeEventListener("pointerup", onUp);
      document.removeEventListener("pointercancel", onUp);
      document.removeEventListener("selectionchange", read);
    };
  }, [box, bar, source]);
  return [chosen, useCallback(() => setChosen(null), [])];
}

function selected(box: HTMLElement, source: string): Stretch | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  return box.contains(range.commonAncestorContainer) || range.intersectsNode(box)
    ? stretchOf(range, box, source)
    : null;
}
