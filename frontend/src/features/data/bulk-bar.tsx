import { useState } from "react";
import { Problem } from "@/components/states";
import type { DataFilter, Listed } from "@/lib/data-filter";
import type { Selection } from "@/lib/use-selection";
import { type ChangeKind, type Found, useChangeMany } from "@/queries/data";
import { useMayManage } from "@/queries/roles";
import { ChangeNotice } from "./change-notice";
import { PromptChange } from "./prompt-change";
import { texts } from "./texts";
import { VerifyChosen } from "./verify-chosen";

const MOST = 2000;
const OF_ITSELF: ReadonlySet<ChangeKind> = new Set(["discard", "restore", "verify", "judge"]);

interface BulkBarProps {
  project: string;
  list: Listed;
  filter: DataFilter;
  rows: readonly Found[];
  selection: Selection;
}

/** What to do with everything selected, and the way back afterwards. */
export function BulkBar({ project, list, filter, rows, selection }: BulkBarProps) {
  const change = useChangeMany(project);
  const manages = useMayManage(project);
  const [notice, setNotice] = useState(0);
  const chosen = rows.filter((found) => selection.ids.has(found.row.id));
  const { matching } = selection;
  const send = (kind: ChangeKind, value: string | null) => {
    const which =
      matching === null
        ? { ids: [...new Set(chosen.map((found) => subject(found, kind)))] }
        : { listed: list, filter };
    setNotice(notice + 1);
    change.mutate({ kind, value, ...which }, { onSuccess: selection.clear });
  };
  const count = matching ?? chosen.length;
  return (
    <div className="data-bulk stack tight">
      {count > 0 && (
        <div className="row">
          <b role="status">{matching === null ? texts.selected(count) : texts.selectedAll(count)}</b>
          {list === "critiques" && (
            <>
              <Plain kind="discard" onSend={send} />
              <Plain kind="restore" onSend={send} />
            </>
          )}
          {list === "rollouts" && manages && <VerifyChosen project={project} onSend={send} />}
          <PromptChange key={list} project={project} onSend={send} />
          <button type="button" className="button quiet small" onClick={selection.clear}>
            {texts.clearSelection}
          </button>
          {matching === null && count > MOST && <span className="small">{texts.tooMany(MOST)}</span>}
        </div>
      )}
      {change.data && count === 0 && <ChangeNotice key={notice} project={project} change={change.data} />}
      {change.error && <Problem error={change.error} />}
    </div>
  );
}

/** What a change is about: the rows themselves, or the prompts that they belong to. */
function subject(found: Found, kind: ChangeKind): number {
  return OF_ITSELF.has(kind) || found.list === "prompts" ? found.row.id : found.row.prompt_id;
}

interface PlainProps {
  kind: "discard" | "restore";
  onSend: (kind: ChangeKind, value: null) => void;
}

function Plain({ kind, onSend }: PlainProps) {
  return (
    <button type="button" className="button small" onClick={() => onSend(kind, null)}>
      {texts.actions[kind]}
    </button>
  );
}
