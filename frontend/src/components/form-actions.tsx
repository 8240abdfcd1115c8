import type { ReactNode } from "react";
import { texts } from "@/lib/texts";

interface FormActionsProps {
  isBusy?: boolean;
  onCancel: () => void;
  /** What sending the form does. */
  children: ReactNode;
}

/** The two ways out of a form: send it, or leave it. */
export function FormActions({ isBusy = false, onCancel, children }: FormActionsProps) {
  return (
    <div className="row">
      <button type="submit" className="button primary" disabled={isBusy}>
        {children}
      </button>
      <button type="button" className="button quiet" onClick={onCancel}>
        {texts.common.cancel}
      </button>
    </div>
  );
}
