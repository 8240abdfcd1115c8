import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Author } from "@/components/author";
import { Page } from "@/components/page";
import { ratingText } from "@/components/rating";
import { Empty, Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import type { ReviewFilter } from "@/lib/review-filter";
import { texts as common } from "@/lib/texts";
import { type CritiqueRow, reviewQuery } from "@/queries/critiques";
import "./review.css";
import { StateBadges } from "./reviewed";
import { Tabs } from "./tabs";
import { texts } from "./texts";

const KINDS = ["annotator", "verifier", "judge"] as const;
const STATES = ["draft", "submitted", "skipped", "discarded", "deleted"] as const;
const REVIEWS = ["unreviewed", "accepted", "returned", "corrected"] as const;

interface ReviewProps {
  project: string;
  levels: number;
  filter: ReviewFilter;
  onFilter: (filter: ReviewFilter) => void;
}

/** All critiques, filtered by author and state. */
export function Review({ project, levels, filter, onFilter }: ReviewProps) {
  const critiques = useInfiniteQuery(reviewQuery(project, filter));
  const rows = critiques.data?.pages.flatMap((page) => page.items) ?? [];
  const forbidden = critiques.error instanceof ApiError && critiques.error.status === 403;
  const isFiltered = Boolean(filter.author_kind ?? filter.state ?? filter.review);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        <>
          <Choice
            label={texts.author}
            values={KINDS}
            names={common.kinds}
            value={filter.author_kind}
            onChange={(kind) => onFilter({ ...filter, author_kind: kind })}
          />
          <Choice
            label={texts.state}
            values={STATES}
            names={texts.states}
            value={filter.state}
            onChange={(state) => onFilter({ ...filter, state })}
          />
          <Choice
            label={texts.review}
            values={REVIEWS}
            names={texts.reviews}
            value={filter.review}
            onChange={(review) => onFilter({ ...filter, review })}
          />
          <Link className="button quiet" to="/$project/quality" params={{ project }}>
            {texts.quality}
          </Link>
        </>
      }
    >
      <Tabs project={project} />
      {forbidden && <p className="notice">{texts.forbidden}</p>}
      {critiques.error && !forbidden && <Problem error={critiques.error} retry={() => critiques.refetch()} />}
      {critiques.isPending && <Skeleton lines={6} />}
      {critiques.data && rows.length === 0 && (
        <NoCritique project={project} isFiltered={isFiltered} onAll={() => onFilter({})} />
      )}
      {rows.length > 0 && (
        <div className="card flush">
          <table className="review-table">
            <thead>
              <tr>
                <th scope="col">{texts.columns.prompt}</th>
                <th scope="col" className="wide">
                  {texts.columns.critique}
                </th>
                <th scope="col" className="wide">
                  {texts.columns.author}
                </th>
                <th scope="col" className="wide">
                  {texts.columns.state}
                </th>
                <th scope="col" className="number wide">
                  {texts.rating}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} project={project} row={row} levels={levels} />
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

interface NoCritiqueProps {
  project: string;
  isFiltered: boolean;
  onAll: () => void;
}

function NoCritique({ project, isFiltered, onAll }: NoCritiqueProps) {
  if (isFiltered)
    return (
      <Empty title={texts.noneMatch}>
        <button type="button" className="button" onClick={onAll}>
          {texts.showAll}
        </button>
      </Empty>
    );
  return (
    <Empty title={texts.empty}>
      <p>{texts.emptyWhy}</p>
      <Link className="button primary" to="/$project/annotate" params={{ project }}>
        {texts.annotate}
      </Link>
      <p className="small muted">{texts.or}</p>
      <pre>{texts.curl(window.location.origin, project)}</pre>
    </Empty>
  );
}

function Row({ project, row, levels }: { project: string; row: CritiqueRow; levels: number }) {
  const said = row.revision?.text || row.draft.text || texts.noText;
  const spans = (row.revision ?? row.draft).spans?.length ?? 0;
  const spanCount = spans > 0 && <div className="small muted">{common.spans.count(spans)}</div>;
  const rating = ratingText(row.revision?.rating ?? null, levels);
  return (
    <tr>
      <td>
        <Link to="/$project/review/$critique" params={{ project, critique: String(row.id) }}>
          {row.prompt_text}
        </Link>
        <div className="small muted excerpt">{row.answer_text}</div>
        <div className="narrow-only said">
          <span className="excerpt three">{said}</span>
          {spanCount}
        </div>
        <div className="narrow-only row small">
          <Author author={row.author} /> <StateBadges critique={row} /> {rating}
        </div>
      </td>
      <td className="wide">
        <div className="excerpt three">{said}</div>
        {spanCount}
      </td>
      <td className="wide">
        <Author author={row.author} />
      </td>
      <td className="wide">
        <StateBadges critique={row} />
      </td>
      <td className="number wide">{rating}</td>
    </tr>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  values: readonly T[];
  names: Record<T, string>;
  value: T | undefined;
  onChange: (value: T | undefined) => void;
}

function Choice<T extends string>({ label, values, names, value, onChange }: ChoiceProps<T>) {
  return (
    <label className="row small">
      {label}
      <select
        className="narrow"
        value={value ?? ""}
        onChange={(event) => onChange(values.find((known) => known === event.target.value))}
      >
        <option value="">{texts.all}</option>
        {values.map((known) => (
          <option key={known} value={known}>
            {names[known]}
          </option>
        ))}
      </select>
    </label>
  );
}
