import { type FormEvent, useState } from "react";
import { Problem } from "@/components/states";
import { type ChangeKind, type Found, useChangeMany, useUndoChange } from "@/queries/data";
import { useMayManage } from "@/queries/roles";
import { texts } from "./texts";
import type { Selection } from "./use-selection";

const MOST = 2000;
const SPLITS = ["train", "probe", "eval"];

interface BulkBarProps {
  project: string;
  rows: readonly Found[];
  selection: Selection;
}

/** What to do with everything selected, and the way back afterwards. */
export function BulkBar({ project, rows, selection }: BulkBarProps) {
  const change = useChangeMany(project);
  const undo = useUndoChange(project);
  const chosen = rows.filter((found) => selection.ids.has(found.row.id));
  const isCritiques = chosen[0]?.list === "critiques";
  const send = (kind: ChangeKind, value: string | null) => {
    undo.reset();
    change.mutate(
      { kind, value, ids: [...new Set(chosen.map((found) => subject(found, kind)))] },
      { onSuccess: selection.clear },
    );
  };
  const error = change.error ?? undo.error;
  return (
    <div className="data-bulk stack tight">
      {chosen.length > 0 && (
        <div className="row">
          <b>{texts.selected(chosen.length)}</b>
          {isCritiques && (
            <>
              <Plain kind="discard" onSend={send} />
              <Plain kind="restore" onSend={send} />
            </>
          )}
          <PromptChange key={String(isCritiques)} project={project} onSend={send} />
          <button type="button" className="button quiet small" onClick={selection.clear}>
            {texts.clearSelection}
          </button>
          {chosen.length > MOST && <span className="small">{texts.tooMany(MOST)}</span>}
        </div>
      )}
      {change.data && chosen.length === 0 && (
        <div className="notice good row apart" role="status">
          <span>
            {undo.data ? texts.undone(undo.data.changed) : texts.done[change.data.kind](change.data.changed)}{" "}
            {(undo.data ?? change.data).left > 0 && texts.left((undo.data ?? change.data).left)}
          </span>
          {!undo.data && change.data.changed > 0 && (
            <button
              type="button"
              className="button small"
              disabled={undo.isPending}
              onClick={() => undo.mutate(change.data.id)}
            >
              {texts.undo}
            </button>
          )}
        </div>
      )}
      {error && <Problem error={error} />}
    </div>
  );
}

/** What a change is about: critiques themselves, or the prompts that rows belong to. */
function subject(found: Found, kind: ChangeKind): number {
  if (kind === "discard" || kind === "restore" || found.list === "prompts") return found.row.id;
  return found.row.prompt_id;
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

interface PromptChangeProps {
  project: string;
  onSend: (kind: ChangeKind, value: string) => void;
}

/** Tag the prompts of the selection, or move them to another split. */
function PromptChange({ project, onSend }: PromptChangeProps) {
  const manages = useMayManage(project);
  const [kind, setKind] = useState<"tag" | "untag" | "move">("tag");
  const [tag, setTag] = useState("");
  const [split, setSplit] = useState("train");
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(kind, kind === "move" ? split : tag);
  };
  return (
    <form className="row" aria-label={texts.promptAction} onSubmit={send}>
      <select
        className="narrow"
        aria-label={texts.promptAction}
        value={kind}
        onChange={(event) => setKind(event.target.value as typeof kind)}
      >
        <option value="tag">{texts.actions.tag}</option>
        <option value="untag">{texts.actions.untag}</option>
        {manages && <option value="move">{texts.actions.move}</option>}
      </select>
      {kind === "move" ? (
        <select
          className="narrow"
          aria-label={texts.value.move}
          value={split}
          onChange={(event) => setSplit(event.target.value)}
        >
          {SPLITS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : (
        <input
          className="tag-field"
          aria-label={texts.value.tag}
          required
          maxLength={50}
          value={tag}
          onChange={(event) => setTag(event.target.value)}
        />
      )}
      <button type="submit" className="button small">
        {texts.actions[kind]}
      </button>
    </form>
  );
}
