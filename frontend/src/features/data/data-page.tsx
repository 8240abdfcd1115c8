import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { type DataFilter, type DataSearch, LISTS } from "@/lib/data-filter";
import { useKeys } from "@/lib/use-keys";
import { dataQuery } from "@/queries/data";
import { projectQuery } from "@/queries/projects";
import { BulkBar } from "./bulk-bar";
import "./data.css";
import { Filters } from "./filters";
import { FoundList } from "./found-list";
import { texts } from "./texts";
import { useSelection } from "./use-selection";
import { Views } from "./views";

const PAUSE_MS = 250;

interface DataPageProps {
  project: string;
  search: DataSearch;
  onSearch: (search: DataSearch) => void;
}

/** Everything that was collected, found by words and filters, and changed many at once. */
export function DataPage({ project, search, onSearch }: DataPageProps) {
  const { list = "rollouts", ...filter } = search;
  const levels = useQuery(projectQuery(project)).data?.rating_levels ?? 5;
  const found = useInfiniteQuery(dataQuery(project, list, filter));
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const ids = useMemo(() => rows.map(({ row }) => row.id), [rows]);
  const selection = useSelection(ids);
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const actions = useMemo(() => {
    const here = selection.current === null ? undefined : rows[selection.current];
    const take = (withRange: boolean) => () =>
      selection.current !== null && selection.toggle(selection.current, withRange);
    return {
      "/": () => box.current?.focus(),
      J: () => selection.move(1),
      K: () => selection.move(-1),
      X: take(false),
      V: take(true),
      Escape: selection.clear,
      O: () => {
        if (here?.list === "critiques")
          navigate({ to: "/$project/review/$critique", params: { project, critique: String(here.row.id) } });
      },
    };
  }, [selection, rows, navigate, project]);
  useKeys(actions);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = (next: DataFilter) => onSearch({ ...next, list });
  const forbidden = found.error instanceof ApiError && found.error.status === 403;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={<Views project={project} list={list} filter={filter} onOpen={onSearch} />}
    >
      <section className="stack tight" aria-label={texts.search}>
        <div className="data-search">
          <fieldset className="row">
            <legend className="visually-hidden">{texts.list}</legend>
            {LISTS.map((each) => (
              <button
                key={each}
                type="button"
                className="button"
                aria-pressed={each === list}
                onClick={() => {
                  selection.clear();
                  onSearch({ ...filter, list: each });
                }}
              >
                {texts.lists[each]}
              </button>
            ))}
          </fieldset>
          <Words
            box={box}
            value={filter.words ?? ""}
            onChange={(words) => change({ ...filter, words: words || undefined } as DataFilter)}
          />
        </div>
        <Filters project={project} list={list} filter={filter} onChange={change} />
      </section>
      <BulkBar project={project} rows={rows} selection={selection} />
      {forbidden && <p className="notice">{texts.forbidden}</p>}
      {found.error && !forbidden && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton lines={8} />}
      {found.data && rows.length === 0 && (
        <Empty title={isFiltered ? texts.none : texts.empty}>
          <p>{isFiltered ? texts.noneWhy : texts.emptyWhy}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <div className="row apart small muted">
            <span role="status">{texts.loaded(rows.length, hasNextPage)}</span>
            <button type="button" className="button quiet small" onClick={selection.all}>
              {texts.selectLoaded}
            </button>
          </div>
          <FoundList
            project={project}
            levels={levels}
            label={texts.lists[list]}
            rows={rows}
            selection={selection}
            onEnd={more}
          />
          <p className="small muted by-key">{texts.keys}</p>
        </>
      )}
    </Page>
  );
}

interface WordsProps {
  box: React.RefObject<HTMLInputElement | null>;
  value: string;
  onChange: (words: string) => void;
}

/** The one search box; it asks when one stops typing. */
function Words({ box, value, onChange }: WordsProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  const asked = useRef(onChange);
  asked.current = onChange;
  // Words that came from elsewhere, a view say, replace what stands here.
  if (value !== known) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === known) return;
    const timer = setTimeout(() => {
      setKnown(typed);
      asked.current(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, known]);
  return (
    <label className="data-words">
      <span className="visually-hidden">{texts.search}</span>
      <input
        ref={box}
        type="search"
        maxLength={200}
        placeholder={texts.search}
        title={texts.searchHint}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}
