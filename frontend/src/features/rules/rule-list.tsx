import { useEffect, useRef, useState } from "react";
import { Problem } from "@/components/states";
import { moved } from "@/lib/order";
import { type Rule, useOrderRules, useRetireRule } from "@/queries/rules";
import { RuleItem } from "./rule-item";
import { texts } from "./texts";

interface RuleListProps {
  project: string;
  rules: Rule[];
  mayReview: boolean;
  onRetired: (rule: Rule) => void;
}

/** The active rules in their order. */
export function RuleList({ project, rules, mayReview, onRetired }: RuleListProps) {
  const { order, error } = useOrderRules(project);
  const retire = useRetireRule(project);
  const [place, setPlace] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const movedRule = useRef<{ id: number; by: number } | null>(null);
  // A browser drops the focus from a row that changes its place.
  useEffect(() => {
    const last = movedRule.current;
    movedRule.current = null;
    if (!last || rules.length === 0) return;
    const arrow = (by: number) =>
      list.current?.querySelector<HTMLButtonElement>(`[data-move="${last.id}:${by}"]:enabled`);
    (arrow(last.by) ?? arrow(-last.by))?.focus();
  }, [rules]);
  const move = (index: number, by: number) => {
    const rule = rules[index];
    const to = index + by;
    if (!rule || to < 0 || to >= rules.length) return;
    movedRule.current = { id: rule.id, by };
    setPlace(to + 1);
    order(moved(rules, index, by));
  };
  return (
    <section className="card stack tight" aria-labelledby="active-rules">
      <div className="row apart">
        <h2 id="active-rules">{texts.active}</h2>
        {mayReview && rules.length > 1 && <span className="small muted">{texts.activeHint}</span>}
      </div>
      <span role="status" className="visually-hidden">
        {place !== null && texts.movedTo(place, rules.length)}
      </span>
      {(error ?? retire.error) && <Problem error={error ?? retire.error} />}
      <ol className="rules" ref={list}>
        {rules.map((rule, index) => (
          <RuleItem
            key={rule.id}
            project={project}
            rule={rule}
            place={{ number: index + 1, of: rules.length }}
            mayReview={mayReview}
            onMove={(by) => move(index, by)}
            onRetire={() => retire.mutate(rule.id, { onSuccess: onRetired })}
          />
        ))}
      </ol>
    </section>
  );
}
