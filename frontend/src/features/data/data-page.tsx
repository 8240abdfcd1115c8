import { useMemo } from "react";
import { Browser } from "@/components/found/browser";
import { Page } from "@/components/page";
import { Empty, Problem } from "@/components/states";
import { type DataFilter, type DataSearch, filterFor, LISTS, type Listed } from "@/lib/data-filter";
import { type Selection, useSelection } from "@/lib/use-selection";
import { useWalk } from "@/lib/use-walk";
import { useCount, useFound } from "@/queries/data";
import { useMayReview } from "@/queries/roles";
import { BulkBar } from "./bulk-bar";
import "./data.css";
import { texts } from "./texts";
import { Views } from "./views";

interface DataPageProps {
  project: string;
  search: DataSearch;
  onSearch: (search: DataSearch) => void;
}

/** Everything that was collected, found by words and filters, and changed many at once. */
export function DataPage({ project, search, onSearch }: DataPageProps) {
  const { list = "rollouts", ...filter } = search;
  const found = useFound(project, list, filter);
  const ids = useMemo(() => found.rows.map(({ row }) => row.id), [found.rows]);
  const walk = useWalk(ids.length);
  const asked = JSON.stringify([list, filterFor(list, filter)]);
  const selection = useSelection(ids, walk, asked);
  const { current } = walk;
  const keys = useMemo(
    () => ({
      X: () => current !== null && selection.toggle(current, false),
      V: () => current !== null && selection.toggle(current, true),
      Escape: selection.clear,
    }),
    [current, selection],
  );
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={<Views project={project} list={list} filter={filter} onOpen={onSearch} />}
    >
      <Browser
        project={project}
        list={list}
        filter={filter}
        onFilter={(next) => onSearch({ ...next, list })}
        found={found}
        walk={walk}
        selection={selection}
        keys={keys}
        choice={
          <Lists
            list={list}
            onList={(next) => {
              selection.clear();
              onSearch({ ...filter, list: next });
            }}
          />
        }
        above={
          <BulkBar project={project} list={list} filter={filter} rows={found.rows} selection={selection} />
        }
        beside={
          <SelectMany
            project={project}
            list={list}
            filter={filter}
            hasMore={found.query.hasNextPage}
            selection={selection}
          />
        }
        empty={
          <Empty title={texts.empty}>
            <p>{texts.emptyWhy}</p>
          </Empty>
        }
      />
    </Page>
  );
}

function Lists({ list, onList }: { list: Listed; onList: (list: Listed) => void }) {
  return (
    <fieldset className="row data-choice">
      <legend className="visually-hidden">{texts.list}</legend>
      {LISTS.map((each) => (
        <button
          key={each}
          type="button"
          className="button"
          aria-pressed={each === list}
          onClick={() => onList(each)}
        >
          {texts.lists[each]}
        </button>
      ))}
    </fieldset>
  );
}

interface SelectManyProps {
  project: string;
  list: Listed;
  filter: DataFilter;
  hasMore: boolean;
  selection: Selection;
}

/** Select what is loaded, or, where there is more, everything that matches. */
function SelectMany({ project, list, filter, hasMore, selection }: SelectManyProps) {
  const count = useCount(project);
  const reviews = useMayReview(project);
  if (!reviews) return null;
  const matching = () =>
    count.mutate(
      { list, filter },
      { onSuccess: (found) => !found.is_more && selection.everything(found.count) },
    );
  return (
    <div className="row tight">
      {count.error && <Problem error={count.error} />}
      {count.data?.is_more && <span role="status">{texts.tooManyMatch(count.data.count)}</span>}
      <button type="button" className="button quiet small" onClick={selection.loaded}>
        {texts.selectLoaded}
      </button>
      {hasMore && (
        <button type="button" className="button quiet small" disabled={count.isPending} onClick={matching}>
          {texts.selectMatching}
        </button>
      )}
    </div>
  );
}
