import { useMemo } from "react";
import { Problem } from "@/components/states";
import { useKeys } from "@/lib/use-keys";
import { texts } from "./texts";
import type { useUndo } from "./use-undo";

/** "Submitted. Undo": over the page, so that nothing moves when it comes and goes. */
export function UndoLine({ left, error, undo }: ReturnType<typeof useUndo>) {
  useKeys(useMemo(() => ({ "Alt+Z": undo }), [undo]));
  return (
    <div className="undo-line">
      <div role="status">
        {left && (
          <p className="undo-offer small">
            {texts.left[left.way]}
            <button type="button" className="button quiet small" onClick={undo}>
              {texts.undo} <span className="keycap">Alt Z</span>
            </button>
          </p>
        )}
      </div>
      {error !== null && <Problem error={error} />}
    </div>
  );
}
