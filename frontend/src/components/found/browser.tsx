import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useRef } from "react";
import { Empty, Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { type DataFilter, FIELDS, type FilterName, type Listed, PROMPT_FIELDS } from "@/lib/data-filter";
import { useKeys } from "@/lib/use-keys";
import type { Selection } from "@/lib/use-selection";
import type { Walk } from "@/lib/use-walk";
import type { FoundRows } from "@/queries/data";
import { projectQuery } from "@/queries/projects";
import { FilterChips } from "./filter-chips";
import "./found.css";
import { FoundList } from "./found-list";
import { Row } from "./row";
import { SearchBox } from "./search-box";
import { texts } from "./texts";

interface BrowserProps {
  project: string;
  list: Listed;
  filter: DataFilter;
  onFilter: (filter: DataFilter) => void;
  found: FoundRows;
  walk: Walk;
  /** Filters that stand there from the start. */
  pinned?: readonly FilterName[];
  selection?: Selection | undefined;
  keys?: Record<string, () => void>;
  /** Before the search box. */
  choice?: ReactNode;
  /** Between the filters and the list. */
  above?: ReactNode;
  /** Beside the number of rows. */
  beside?: ReactNode;
  /** In place of the list where nothing was collected at all. */
  empty: ReactNode;
}

/** What was collected, as one list of any length: words, filters, rows, and the keys to walk through them. */
export function Browser(props: BrowserProps) {
  const { project, list, filter, onFilter, found, walk, selection, pinned = [], keys } = props;
  const { rows, query, more } = found;
  const levels = useQuery(projectQuery(project)).data?.rating_levels ?? 5;
  const words = useRef<HTMLInputElement>(null);
  const ids = useMemo(() => rows.map(({ row }) => row.id), [rows]);
  const actions = useMemo(
    () => ({
      "/": () => words.current?.focus(),
      ...keys,
    }),
    [keys],
  );
  useKeys(actions);
  const forbidden = query.error instanceof ApiError && query.error.status === 403;
  const counts = fieldsOf(list).filter((name) => name in filter && filter[name] !== undefined);
  return (
    <>
      <section className="stack tight" aria-label={texts.search[list]}>
        <div className="data-search">
          {props.choice}
          <SearchBox
            box={words}
            label={texts.search[list]}
            value={filter.words ?? ""}
            onChange={(said) => onFilter({ ...filter, words: said || undefined } as DataFilter)}
          />
        </div>
        <FilterChips
          project={project}
          fields={fieldsOf(list)}
          pinned={pinned}
          filter={filter}
          onChange={onFilter}
        />
      </section>
      {props.above}
      {forbidden && <p className="notice">{texts.forbidden}</p>}
      {query.error && !forbidden && <Problem error={query.error} retry={() => query.refetch()} />}
      {query.isPending && <Skeleton lines={8} />}
      {query.data &&
        rows.length === 0 &&
        (counts.length > 0 ? <NoMatch onAll={() => onFilter({})} /> : props.empty)}
      {rows.length > 0 && (
        <FoundList
          label={texts.lists[list]}
          ids={ids}
          walk={walk}
          hasMore={query.hasNextPage}
          onEnd={more}
          keys={selection ? texts.keysSelecting : texts.keys}
          beside={props.beside}
        >
          {(place) => {
            const one = rows[place];
            return (
              one && (
                <Row
                  project={project}
                  levels={levels}
                  found={one}
                  isCurrent={walk.current === place}
                  select={selection && { isSelected: selection.has(one.row.id), at: place, selection }}
                />
              )
            );
          }}
        </FoundList>
      )}
    </>
  );
}

function NoMatch({ onAll }: { onAll: () => void }) {
  return (
    <Empty title={texts.none}>
      <p>{texts.noneWhy}</p>
      <button type="button" className="button" onClick={onAll}>
        {texts.showAll}
      </button>
    </Empty>
  );
}

function fieldsOf(list: Listed): readonly FilterName[] {
  return list === "prompts" ? PROMPT_FIELDS : (Object.keys(FIELDS) as FilterName[]);
}
