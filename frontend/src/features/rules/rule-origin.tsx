import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Author } from "@/components/author";
import { Problem, Skeleton } from "@/components/states";
import { day } from "@/lib/format";
import { texts as common } from "@/lib/texts";
import { editsQuery, type Rule, type Source, sourcesQuery, useUnlinkCritique } from "@/queries/rules";
import { texts } from "./texts";

interface RuleOriginProps {
  project: string;
  rule: Rule;
  mayReview: boolean;
}

/** Who wrote a rule, from which critiques, and what it said before. */
export function RuleOrigin({ project, rule, mayReview }: RuleOriginProps) {
  return (
    <div className="origin small">
      <span className="muted">{texts.by(rule.author, day(rule.created_at))}</span>
      {rule.proposed_by && <span className="muted">{texts.proposed(rule.proposed_by)}</span>}
      {mayReview ? (
        <Unfolds summary={texts.critiques(rule.critiques)}>
          <Sources project={project} rule={rule} />
        </Unfolds>
      ) : (
        <span className="muted">{texts.critiques(rule.critiques)}</span>
      )}
      {rule.edits > 0 && (
        <Unfolds summary={texts.edits(rule.edits)}>
          <Edits project={project} rule={rule} />
        </Unfolds>
      )}
    </div>
  );
}

/** What is fetched when it is opened. */
function Unfolds({ summary, children }: { summary: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children}
    </details>
  );
}

function Sources({ project, rule }: { project: string; rule: Rule }) {
  const sources = useInfiniteQuery(sourcesQuery(project, rule.id));
  const unlink = useUnlinkCritique(project);
  const rows = sources.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="stack tight">
      {sources.isPending && <Skeleton lines={2} />}
      {sources.error && <Problem error={sources.error} retry={() => sources.refetch()} />}
      {unlink.error && <Problem error={unlink.error} />}
      {sources.data && rows.length === 0 && <p className="muted">{texts.noSource}</p>}
      <ul className="sources">
        {rows.map((source) => (
          <li key={source.critique_id} className="row apart">
            <Said project={project} source={source} />
            <button
              type="button"
              className="button quiet small"
              aria-label={texts.unlinkCritique(source.text)}
              disabled={unlink.isPending}
              onClick={() => unlink.mutate({ rule: rule.id, critique: source.critique_id })}
            >
              {texts.unlink}
            </button>
          </li>
        ))}
      </ul>
      {sources.hasNextPage && (
        <div>
          <button type="button" className="button small" onClick={() => sources.fetchNextPage()}>
            {common.common.more}
          </button>
        </div>
      )}
    </div>
  );
}

function Said({ project, source }: { project: string; source: Source }) {
  const since = texts.states[source.state] || (source.changed_since && texts.changedSince);
  return (
    <span className="source">
      <Link to="/$project/review/$critique" params={{ project, critique: String(source.critique_id) }}>
        {source.text || texts.noText}
      </Link>{" "}
      <Author author={source.author} /> {since && <span className="badge warn">{since}</span>}
    </span>
  );
}

function Edits({ project, rule }: { project: string; rule: Rule }) {
  const edits = useQuery(editsQuery(project, rule.id));
  return (
    <>
      {edits.isPending && <Skeleton lines={2} />}
      {edits.error && <Problem error={edits.error} retry={() => edits.refetch()} />}
      <ul className="sources">
        {edits.data?.map((edit) => (
          <li key={edit.created_at} className="stack">
            <span className="rule-before">{edit.text_before}</span>
            <span className="muted">{texts.replaced(edit.author, day(edit.created_at))}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
