import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Browser } from "@/components/found/browser";
import { Page } from "@/components/page";
import { Empty } from "@/components/states";
import type { DataFilter } from "@/lib/data-filter";
import { useWalk } from "@/lib/use-walk";
import { useFound } from "@/queries/data";
import { progressQuery } from "@/queries/projects";
import type { Split } from "@/queries/prompts";
import { useMayManage } from "@/queries/roles";
import { ImportDialog } from "./import-dialog";
import { Jobs } from "./jobs";
import { SampleDialog } from "./sample-dialog";
import { texts } from "./texts";
import { Tiles } from "./tiles";
import { VerifyDialog } from "./verify-dialog";
import "./prompts.css";

type Open = "import" | "sample" | "verify" | null;
const SPLITS: readonly (Split | null)[] = [null, "train", "probe", "eval"];

interface PromptsPageProps {
  project: string;
  filter: DataFilter;
  onFilter: (filter: DataFilter) => void;
}

/** The prompts of a project: how many, what happened to them, and the jobs that fill them. */
export function PromptsPage({ project, filter, onFilter }: PromptsPageProps) {
  const [open, setOpen] = useState<Open>(null);
  const found = useFound(project, "prompts", filter);
  const walk = useWalk(found.rows.length);
  const manages = useMayManage(project);
  const progress = useQuery(progressQuery(project));
  const count = progress.data && Object.values(progress.data.prompts).reduce((a, b) => a + b, 0);
  const close = () => setOpen(null);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={manages && <Actions empty={count === 0} onOpen={setOpen} />}
    >
      <Tiles project={project} />
      <Jobs project={project} />
      <Browser
        project={project}
        list="prompts"
        filter={filter}
        onFilter={onFilter}
        found={found}
        walk={walk}
        choice={
          <Splits
            split={filter.split ?? null}
            onSplit={(split) => onFilter({ ...filter, split: split ?? undefined } as DataFilter)}
          />
        }
        empty={<NoPrompts project={project} manages={manages} onImport={() => setOpen("import")} />}
      />
      {manages && (
        <>
          <ImportDialog project={project} open={open === "import"} onClose={close} />
          <SampleDialog project={project} open={open === "sample"} onClose={close} />
          <VerifyDialog project={project} open={open === "verify"} onClose={close} />
        </>
      )}
    </Page>
  );
}

function Splits({ split, onSplit }: { split: Split | null; onSplit: (split: Split | null) => void }) {
  return (
    <fieldset className="row data-choice">
      <legend className="visually-hidden">{texts.split}</legend>
      {SPLITS.map((each) => (
        <button
          key={each ?? "all"}
          type="button"
          className="button"
          aria-pressed={each === split}
          onClick={() => onSplit(each)}
        >
          {each ?? texts.all}
        </button>
      ))}
    </fieldset>
  );
}

function Actions({ empty, onOpen }: { empty: boolean; onOpen: (open: Open) => void }) {
  return (
    <>
      <button type="button" className="button" onClick={() => onOpen("import")}>
        {texts.import.open}
      </button>
      <button type="button" className="button" disabled={empty} onClick={() => onOpen("sample")}>
        {texts.sample.open}
      </button>
      <button type="button" className="button" disabled={empty} onClick={() => onOpen("verify")}>
        {texts.verify.open}
      </button>
    </>
  );
}

function NoPrompts({
  project,
  manages,
  onImport,
}: {
  project: string;
  manages: boolean;
  onImport: () => void;
}) {
  const t = texts.empty;
  return (
    <Empty title={t.title}>
      <p>{t.why}</p>
      <pre className="example">{texts.example}</pre>
      {manages ? (
        <button type="button" className="button primary" onClick={onImport}>
          {texts.import.title}
        </button>
      ) : (
        <p>{t.ask}</p>
      )}
      <p className="small muted">{t.or}</p>
      <pre className="example">{texts.cli(project)}</pre>
    </Empty>
  );
}
