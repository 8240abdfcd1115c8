import { useState } from "react";
import { Modal } from "@/components/modal";
import { Problem } from "@/components/states";
import { day } from "@/lib/format";
import { texts as common } from "@/lib/texts";
import type { Assignment } from "@/queries/critiques";
import { type Reviewable, useRemoval } from "@/queries/reviews";
import { texts } from "./texts";

interface RemovalProps {
  critique: Reviewable;
  deletion: Assignment["deletion"];
}

/** Delete a critique, after asking; or, where it is deleted, say who did and restore it. */
export function Removal({ critique, deletion }: RemovalProps) {
  const [asks, setAsks] = useState(false);
  const removal = useRemoval(critique.id);
  if (deletion) {
    return (
      <div className="stack tight">
        <p className="notice warn row apart">
          <span>
            {deletion.by && deletion.at ? texts.deletedBy(deletion.by, day(deletion.at)) : texts.isDeleted}{" "}
            {texts.isHidden} {!deletion.may_restore && texts.askAnAdmin}
          </span>
          {deletion.may_restore && (
            <button
              type="button"
              className="button small"
              onClick={() => removal.mutate("restore")}
              disabled={removal.isPending}
            >
              {texts.restore}
            </button>
          )}
        </p>
        {removal.error && <Problem error={removal.error} />}
      </div>
    );
  }
  const close = () => setAsks(false);
  return (
    <div>
      <button type="button" className="button quiet" onClick={() => setAsks(true)}>
        {texts.remove}
      </button>
      {asks && (
        <Modal label={texts.removeTitle} onClose={close}>
          <div className="stack">
            <h2>{texts.removeTitle}</h2>
            <p>{texts.removeWhy}</p>
            {removal.error && <Problem error={removal.error} />}
            <div className="row">
              <button
                type="button"
                className="button primary"
                disabled={removal.isPending}
                onClick={() => removal.mutate("delete", { onSuccess: close })}
              >
                {texts.remove}
              </button>
              <button type="button" className="button quiet" onClick={close}>
                {common.common.cancel}
              </button>
            </div>
          </div>
        </Modal>
      )}
    </div>
  );
}
