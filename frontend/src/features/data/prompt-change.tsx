import { type FormEvent, useState } from "react";
import type { ChangeKind } from "@/queries/data";
import { useMayManage } from "@/queries/roles";
import { texts } from "./texts";

const SPLITS = ["train", "probe", "eval"];

interface PromptChangeProps {
  project: string;
  onSend: (kind: ChangeKind, value: string) => void;
}

/** Tag the prompts of the selection, or move them to another split. */
export function PromptChange({ project, onSend }: PromptChangeProps) {
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
          placeholder={texts.value.tag}
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
