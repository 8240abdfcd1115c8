import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { useMayReview } from "@/queries/roles";
import { type Group, type Rule, rulesQuery, useRestoreRule } from "@/queries/rules";
import { RecurringCard } from "./recurring-card";
import { RetiredRules } from "./retired-rules";
import { RuleForm } from "./rule-form";
import { RuleList } from "./rule-list";
import "./rules.css";
import { texts } from "./texts";

/** What was just done, and the rule whose retirement can be taken back. */
interface Done {
  text: string;
  retired?: Rule;
}

/** What is written, and the judge whose proposal it began as. */
interface Draft {
  text: string;
  proposedBy: string | null;
}

const NOTHING: Draft = { text: "", proposedBy: null };

/** The rules of a project and the critiques that may become some. */
export function RulesPage({ project }: { project: string }) {
  const mayReview = useMayReview(project);
  const rules = useQuery(rulesQuery(project, "active"));
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const [isAsked, setAsked] = useState(false);
  const [group, setGroup] = useState<Group | null>(null);
  const [isWriting, setWriting] = useState(false);
  const [done, setDone] = useState<Done | null>(null);
  const writeButton = useRef<HTMLButtonElement>(null);
  const write = (from: Group | null, asked = false) => {
    setGroup(from);
    setAsked(asked);
    setWriting(true);
    setDone(null);
  };
  const close = (text?: string) => {
    setWriting(false);
    setGroup(null);
    if (text) {
      setDone({ text });
      setDraft(NOTHING);
    }
    writeButton.current?.focus();
  };
  const restored = (rule: Rule) => {
    setDone({ text: texts.restoredNow(rule.text) });
    writeButton.current?.focus();
  };
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        mayReview && (
          <button
            ref={writeButton}
            type="button"
            className="button primary"
            aria-expanded={isWriting}
            onClick={() => write(group)}
          >
            {texts.write}
          </button>
        )
      }
    >
      {isWriting && (
        <RuleForm
          project={project}
          group={group}
          rules={rules.data ?? []}
          text={draft.text}
          proposedBy={draft.proposedBy}
          isAsked={isAsked}
          onText={(text, proposedBy) => setDraft({ text, proposedBy })}
          onGroup={setGroup}
          onClose={close}
        />
      )}
      <Said project={project} done={done} onRestored={restored} />
      {rules.error && <Problem error={rules.error} retry={() => rules.refetch()} />}
      {rules.isPending && <Skeleton lines={6} />}
      {rules.data?.length === 0 && (
        <Empty title={texts.empty}>
          <p>{mayReview ? texts.emptyWhy : texts.emptyRead}</p>
          {mayReview && <pre>{texts.curl(window.location.origin, project)}</pre>}
        </Empty>
      )}
      {rules.data && rules.data.length > 0 && (
        <RuleList
          project={project}
          rules={rules.data}
          mayReview={mayReview}
          onRetired={(rule) => setDone({ text: texts.retiredNow(rule.text), retired: rule })}
        />
      )}
      <RetiredRules project={project} mayReview={mayReview} onRestored={restored} />
      {mayReview && <RecurringCard project={project} onWrite={write} />}
    </Page>
  );
}

interface SaidProps {
  project: string;
  done: Done | null;
  onRestored: (rule: Rule) => void;
}

/** What was just done, said aloud, with a way back where there is one. */
function Said({ project, done, onRestored }: SaidProps) {
  const restore = useRestoreRule(project);
  const undo = useRef<HTMLButtonElement>(null);
  const retired = done?.retired;
  // The button that had the focus has gone with its rule.
  useEffect(() => {
    if (retired) undo.current?.focus();
  }, [retired]);
  return (
    <div role="status" className="said-now">
      {done && (
        <div className="notice row apart">
          <span className="rule-text">{done.text}</span>
          {retired && (
            <button
              ref={undo}
              type="button"
              className="button small"
              disabled={restore.isPending}
              onClick={() => restore.mutate(retired.id, { onSuccess: onRestored })}
            >
              {texts.undo}
            </button>
          )}
        </div>
      )}
      {restore.error && <Problem error={restore.error} />}
    </div>
  );
}
