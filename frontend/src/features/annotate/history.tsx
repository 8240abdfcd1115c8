import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Modal } from "@/components/modal";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { texts as common } from "@/lib/texts";
import { historyQuery, reopen } from "@/queries/critiques";
import { texts } from "./texts";

interface HistoryProps {
  project: string;
  onClose: () => void;
  onReopened: () => Promise<void>;
}

/** Everything one wrote, whatever became of it. */
export function History({ project, onClose, onReopened }: HistoryProps) {
  const history = useQuery({ ...historyQuery(project), staleTime: 0 });
  const [error, setError] = useState<unknown>(null);
  const takeUp = async (critique: number) => {
    try {
      await reopen(critique);
      onClose();
      await onReopened();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal label={texts.history} onClose={onClose}>
      <div className="stack">
        <h2>{texts.history}</h2>
        {history.isPending && <Skeleton />}
        {(history.error ?? error) !== null && <Problem error={history.error ?? error} />}
        {history.data?.items.length === 0 && <p className="muted">{texts.empty}</p>}
        <ul className="history">
          {history.data?.items.map((row) => (
            <li key={row.id}>
              <div className="row apart">
                <strong className="small">{row.prompt_text}</strong>
                {row.review === "returned" ? (
                  <span className="badge warn">{texts.returned}</span>
                ) : (
                  <span className="badge">
                    {row.postponed_at ? texts.postponed : texts.states[row.state]}
                  </span>
                )}
              </div>
              {row.review === "returned" && <p className="notice warn small">{row.reason}</p>}
              <p>{row.draft.text || <span className="muted">{texts.noText}</span>}</p>
              <div className="row apart small muted">
                {day(row.submitted_at ?? row.created_at)}
                {row.draft.spans && row.draft.spans.length > 0 && (
                  <span>{common.spans.count(row.draft.spans.length)}</span>
                )}
                {(row.state !== "draft" || row.postponed_at) && (
                  <button type="button" className="button quiet small" onClick={() => takeUp(row.id)}>
                    {texts.again}
                  </button>
                )}
              </div>
            </li>
          ))}
        </ul>
        <button type="button" className="button" onClick={onClose}>
          {common.common.close}
        </button>
      </div>
    </Modal>
  );
}
