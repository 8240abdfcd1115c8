import { Link } from "@tanstack/react-router";
import { Browser } from "@/components/found/browser";
import { Page } from "@/components/page";
import { Empty } from "@/components/states";
import type { DataFilter, FilterName } from "@/lib/data-filter";
import { useWalk } from "@/lib/use-walk";
import { useFound } from "@/queries/data";
import "./review.css";
import { Tabs } from "./tabs";
import { texts } from "./texts";

const PINNED: readonly FilterName[] = ["author_kind", "state", "review"];

interface ReviewProps {
  project: string;
  filter: DataFilter;
  onFilter: (filter: DataFilter) => void;
}

/** All critiques, found by words and filters; by author, state and review first of all. */
export function Review({ project, filter, onFilter }: ReviewProps) {
  const found = useFound(project, "critiques", filter);
  const walk = useWalk(found.rows.length);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={
        <Link className="button" to="/$project/quality" params={{ project }}>
          {texts.quality}
        </Link>
      }
    >
      <Tabs project={project} />
      <Browser
        project={project}
        list="critiques"
        filter={filter}
        onFilter={onFilter}
        found={found}
        walk={walk}
        pinned={PINNED}
        empty={<NoCritique project={project} />}
      />
    </Page>
  );
}

function NoCritique({ project }: { project: string }) {
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
