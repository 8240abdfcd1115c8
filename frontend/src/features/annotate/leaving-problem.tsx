import { useEffect, useRef } from "react";
import { Problem } from "@/components/states";
import { ApiError } from "@/lib/api";
import { texts } from "./texts";

interface LeavingProblemProps {
  error: unknown;
  onRetry: () => void;
  onNext: () => void;
}

/** Why a critique could not be handed in, and what to do now. */
export function LeavingProblem({ error, onRetry, onNext }: LeavingProblemProps) {
  const next = useRef<HTMLButtonElement>(null);
  const refusal = error instanceof ApiError ? error : null;
  const isLost = refusal?.details.reason === "slot_filled";
  const isOver = isLost || refusal?.details.state !== undefined;
  useEffect(() => {
    if (isOver) next.current?.focus();
  }, [isOver]);
  if (error === null) return null;
  if (refusal?.status === 0) return <Problem error={new Error(texts.away)} retry={onRetry} />;
  if (!isOver) return <Problem error={error} />;
  return (
    <>
      <Problem error={isLost ? new Error(texts.leaseLost) : error} />
      <button ref={next} type="button" className="button" onClick={onNext}>
        {texts.next}
      </button>
    </>
  );
}
