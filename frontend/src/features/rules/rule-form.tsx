import { type FormEvent, useEffect, useRef, useState } from "react";
import { Problem } from "@/components/states";
import { texts as common } from "@/lib/texts";
import { type Group, type Rule, useLinkCritiques, useWriteRule } from "@/queries/rules";
import { ProposeRule } from "./propose-rule";
import { RuleField } from "./rule-field";
import { texts } from "./texts";

interface RuleFormProps {
  project: string;
  group: Group | null;
  rules: Rule[];
  text: string;
  proposedBy: string | null;
  /** Whether a model shall propose a sentence at once. */
  isAsked: boolean;
  onText: (text: string, proposedBy: string | null) => void;
  onGroup: (group: Group | null) => void;
  onClose: (done?: string) => void;
}

/** A new rule, by itself or from critiques that recur. What was typed stays with the page until it is saved. */
export function RuleForm(props: RuleFormProps) {
  const { project, group, rules, text, proposedBy, isAsked, onText, onGroup, onClose } = props;
  const write = useWriteRule(project);
  const box = useRef<HTMLFormElement>(null);
  // Another group opens the same form anew.
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    box.current?.querySelector("textarea")?.focus();
  }, [group]);
  const save = (event: FormEvent) => {
    event.preventDefault();
    write.mutate(
      { text, critique_ids: group?.critique_ids ?? [], proposed_by: proposedBy },
      { onSuccess: () => onClose(texts.written) },
    );
  };
  return (
    <form ref={box} className="card stack rule-form" aria-label={texts.write} onSubmit={save}>
      <RuleField value={text} onChange={(said) => onText(said, said.trim() ? proposedBy : null)} />
      {group && (
        <ProposeRule
          key={group.critique_ids[0]}
          project={project}
          group={group}
          isAsked={isAsked}
          text={text}
          proposedBy={proposedBy}
          onTake={onText}
        />
      )}
      {group && (
        <div className="stack tight">
          <p className="small">{texts.linkedTo(group.critique_ids.length)}</p>
          <Examples group={group} />
          <div>
            <button type="button" className="button quiet small" onClick={() => onGroup(null)}>
              {texts.without}
            </button>
          </div>
        </div>
      )}
      {write.error && <Problem error={write.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={write.isPending}>
          {texts.saveRule} <kbd className="keycap">Ctrl ⏎</kbd>
        </button>
        <button type="button" className="button" onClick={() => onClose()}>
          {common.common.cancel}
        </button>
      </div>
      {group && rules.length > 0 && (
        <LinkInstead project={project} group={group} rules={rules} onDone={() => onClose(texts.added)} />
      )}
    </form>
  );
}

/** Up to three critiques of a group. */
export function Examples({ group }: { group: Group }) {
  return (
    <ul className="examples">
      {group.examples.map((example) => (
        <li key={example}>{example}</li>
      ))}
    </ul>
  );
}

interface LinkInsteadProps {
  project: string;
  group: Group;
  rules: Rule[];
  onDone: () => void;
}

function LinkInstead({ project, group, rules, onDone }: LinkInsteadProps) {
  const link = useLinkCritiques(project);
  const [rule, setRule] = useState("");
  return (
    <div className="stack tight or-link">
      <div className="row">
        <label className="field">
          <span className="label">{texts.orAdd}</span>
          <select value={rule} onChange={(event) => setRule(event.target.value)}>
            <option value="">{texts.choose}</option>
            {rules.map((known) => (
              <option key={known.id} value={known.id}>
                {known.text}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button"
          disabled={!rule || link.isPending}
          onClick={() =>
            link.mutate({ rule: Number(rule), critiques: group.critique_ids }, { onSuccess: onDone })
          }
        >
          {texts.add}
        </button>
      </div>
      {link.error && <Problem error={link.error} />}
    </div>
  );
}
