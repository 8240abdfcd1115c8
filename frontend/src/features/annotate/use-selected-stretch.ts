import { type RefObject, useEffect, useState } from "react";
import type { Stretch } from "@/lib/anchors";
import { stretchOf } from "@/lib/selection";

/** What is selected in the answer with the mouse or a finger, once the pointer is lifted; null for nothing. */
export function useSelectedStretch(box: RefObject<HTMLElement | null>, source: string): Stretch | null {
  const [chosen, setChosen] = useState<Stretch | null>(null);
  useEffect(() => {
    let isDown = false;
    const read = () => {
      if (!isDown) setChosen(box.current && selected(box.current, source));
    };
    const onDown = () => {
      isDown = true;
    };
    const onUp = () => {
      isDown = false;
      setTimeout(read);
    };
    document.addEventListener("pointerdown", onDown);
    document.addEventListener("pointerup", onUp);
    document.addEventListener("pointercancel", onUp);
    document.addEventListener("selectionchange", read);
    return () => {
      document.removeEventListener("pointerdown", onDown);
      document.removeEventListener("pointerup", onUp);
      document.removeEventListener("pointercancel", onUp);
      document.removeEventListener("selectionchange", read);
    };
  }, [box, source]);
  return chosen;
}

function selected(box: HTMLElement, source: string): Stretch | null {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  return box.contains(range.commonAncestorContainer) || range.intersectsNode(box)
    ? stretchOf(range, box, source)
    : null;
}
