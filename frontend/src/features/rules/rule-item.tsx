import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Problem } from "@/components/states";
import { texts as common } from "@/lib/texts";
import { type Rule, useEditRule } from "@/queries/rules";
import { RuleField } from "./rule-field";
import { RuleOrigin } from "./rule-origin";
import { texts } from "./texts";

interface RuleItemProps {
  project: string;
  rule: Rule;
  place: { number: number; of: number };
  mayReview: boolean;
  onMove: (by: -1 | 1) => void;
  onRetire: () => void;
}

/** One active rule: its sentence, where it came from, and what may be done with it. */
export function RuleItem({ project, rule, place, mayReview, onMove, onRetire }: RuleItemProps) {
  const [isEditing, setEditing] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !isEditing) editButton.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  return (
    <li className="rule">
      <span className="place muted" aria-hidden="true">
        {place.number}
      </span>
      <div className="stack tight">
        {isEditing ? (
          <EditForm project={project} rule={rule} onClose={() => setEditing(false)} />
        ) : (
          <p className="rule-text">{rule.text}</p>
        )}
        <RuleOrigin project={project} rule={rule} mayReview={mayReview} />
      </div>
      {mayReview && !isEditing && (
        <div className="row rule-actions">
          <Arrow rule={rule} by={-1} disabled={place.number === 1} onMove={onMove} />
          <Arrow rule={rule} by={1} disabled={place.number === place.of} onMove={onMove} />
          <button
            ref={editButton}
            type="button"
            className="button small"
            aria-label={texts.editRule(rule.text)}
            onClick={() => setEditing(true)}
          >
            {texts.edit}
          </button>
          <button
            type="button"
            className="button quiet small"
            aria-label={texts.retireRule(rule.text)}
            onClick={onRetire}
          >
            {texts.retire}
          </button>
        </div>
      )}
    </li>
  );
}

interface ArrowProps {
  rule: Rule;
  by: -1 | 1;
  disabled: boolean;
  onMove: (by: -1 | 1) => void;
}

function Arrow({ rule, by, disabled, onMove }: ArrowProps) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <button
      type="button"
      className="button quiet small"
      data-move={`${rule.id}:${by}`}
      aria-label={by < 0 ? texts.moveUp(rule.text) : texts.moveDown(rule.text)}
      disabled={disabled}
      onClick={() => onMove(by)}
      onKeyDown={press}
    >
      {by < 0 ? "↑" : "↓"}
    </button>
  );
}

interface EditFormProps {
  project: string;
  rule: Rule;
  onClose: () => void;
}

function EditForm({ project, rule, onClose }: EditFormProps) {
  const edit = useEditRule(project);
  const [text, setText] = useState(rule.text);
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    box.current?.querySelector("textarea")?.focus();
  }, []);
  const save = (event: FormEvent) => {
    event.preventDefault();
    edit.mutate({ rule: rule.id, text }, { onSuccess: onClose });
  };
  return (
    <form ref={box} className="stack tight" aria-label={texts.editRule(rule.text)} onSubmit={save}>
      <RuleField value={text} onChange={setText} />
      {edit.error && <Problem error={edit.error} />}
      <div className="row">
        <button type="submit" className="button primary small" disabled={edit.isPending}>
          {common.common.save} <kbd className="keycap">Ctrl ⏎</kbd>
        </button>
        <button type="button" className="button small" onClick={onClose}>
          {common.common.cancel}
        </button>
      </div>
    </form>
  );
}
