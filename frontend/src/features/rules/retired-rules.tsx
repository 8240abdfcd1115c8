import { useQuery } from "@tanstack/react-query";
import { Problem } from "@/components/states";
import { type Rule, rulesQuery, useRestoreRule } from "@/queries/rules";
import { RuleOrigin } from "./rule-origin";
import { texts } from "./texts";

interface RetiredRulesProps {
  project: string;
  mayReview: boolean;
  onRestored: (rule: Rule) => void;
}

/** Rules that are no longer followed; nothing when there are none. */
export function RetiredRules({ project, mayReview, onRestored }: RetiredRulesProps) {
  const retired = useQuery(rulesQuery(project, "retired"));
  const restore = useRestoreRule(project);
  if (retired.error) return <Problem error={retired.error} retry={() => retired.refetch()} />;
  if (!retired.data?.length) return null;
  return (
    <details className="card">
      <summary>{texts.retired(retired.data.length)}</summary>
      <div className="stack tight">
        {restore.error && <Problem error={restore.error} />}
        <ul className="rules">
          {retired.data.map((rule) => (
            <li key={rule.id} className="rule">
              <div className="stack tight">
                <p className="rule-text">{rule.text}</p>
                <RuleOrigin project={project} rule={rule} mayReview={mayReview} />
              </div>
              {mayReview && (
                <div className="row rule-actions">
                  <button
                    type="button"
                    className="button small"
                    aria-label={texts.restoreRule(rule.text)}
                    disabled={restore.isPending}
                    onClick={() => restore.mutate(rule.id, { onSuccess: onRestored })}
                  >
                    {texts.restore}
                  </button>
                </div>
              )}
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
}
