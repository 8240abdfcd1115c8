import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Page } from "@/components/page";
import { ratingText } from "@/components/rating";
import { Empty, Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { texts as common } from "@/lib/texts";
import { type ReviewFilter, reviewQuery } from "@/queries/critiques";
import { Author } from "./author";
import { texts } from "./texts";

const KINDS = ["annotator", "verifier", "judge"] as const;
const STATES = ["draft", "submitted", "skipped", "discarded"] as const;

/** All critiques, filtered by author and state. */
export function Review({ project, levels }: { project: string; levels: number }) {
  const [filter, setFilter] = useState<ReviewFilter>({});
  const critiques = useInfiniteQuery(reviewQuery(project, filter));
  const rows = critiques.data?.pages.flatMap((page) => page.items) ?? [];
  const forbidden = critiques.error instanceof ApiError && critiques.error.status === 403;
  const narrow = (name: keyof ReviewFilter, value: string) =>
    setFilter(({ [name]: _, ...rest }) => (value ? { ...rest, [name]: value } : rest) as ReviewFilter);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        <>
          <Choice
            label={texts.author}
            values={KINDS}
            names={texts.kinds}
            onChange={(v) => narrow("author_kind", v)}
          />
          <Choice
            label={texts.state}
            values={STATES}
            names={texts.states}
            onChange={(v) => narrow("state", v)}
          />
        </>
      }
    >
      {forbidden && <p className="notice">{texts.forbidden}</p>}
      {critiques.error && !forbidden && <Problem error={critiques.error} retry={() => critiques.refetch()} />}
      {critiques.isPending && <Skeleton lines={6} />}
      {critiques.data && rows.length === 0 && (
        <Empty title={texts.empty}>
          <p>{texts.emptyWhy}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <div className="card flush scroll-x">
          <table>
            <thead>
              <tr>
                {Object.values(texts.columns).map((column) => (
                  <th key={column}>{column}</th>
                ))}
                <th className="number">{texts.rating}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td>
                    <Link to="/$project/review/$critique" params={{ project, critique: String(row.id) }}>
                      {row.prompt_text}
                    </Link>
                    <div className="small muted excerpt">{row.answer_text}</div>
                  </td>
                  <td className="excerpt">{row.revision?.text || row.draft.text || texts.noText}</td>
                  <td>
                    <Author author={row.author} />
                  </td>
                  <td>{texts.states[row.state]}</td>
                  <td className="number">{ratingText(row.revision?.rating ?? null, levels)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {critiques.hasNextPage && (
        <button type="button" className="button" onClick={() => critiques.fetchNextPage()}>
          {common.common.more}
        </button>
      )}
    </Page>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  values: readonly T[];
  names: Record<T, string>;
  onChange: (value: string) => void;
}

function Choice<T extends string>({ label, values, names, onChange }: ChoiceProps<T>) {
  return (
    <label className="row small">
      {label}
      <select className="narrow" onChange={(event) => onChange(event.target.value)}>
        <option value="">{texts.all}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {names[value]}
          </option>
        ))}
      </select>
    </label>
  );
}
