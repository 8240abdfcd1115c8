import type { ReactNode } from "react";
import { ApiError } from "@/lib/api";
import { texts } from "@/lib/texts";

/** What went wrong, in the server's words, with a way to try again. */
export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const message =
    error instanceof ApiError && error.status === 0
      ? texts.common.offline
      : error instanceof Error
        ? error.message
        : String(error);
  return (
    <div className="notice error row apart" role="alert">
      <span>{message}</span>
      {retry && (
        <button type="button" className="button small" onClick={retry}>
          {texts.common.retry}
        </button>
      )}
    </div>
  );
}

/** Grey bars where text will stand. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div className="stack tight" role="status" aria-label={texts.common.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="skeleton" />
      ))}
    </div>
  );
}

/** What this page is for, and the one thing that fills it. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** A bar with its numbers in words. */
export function ProgressBar({ done, total, label }: { done: number; total: number; label: string }) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={done}
      aria-valuemin={0}
      aria-valuemax={total}
    >
      <span style={{ width: `${share * 100}%` }} />
    </div>
  );
}
