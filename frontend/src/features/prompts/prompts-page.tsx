import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Page } from "@/components/page";
import { Empty } from "@/components/states";
import { progressQuery } from "@/queries/projects";
import type { Split } from "@/queries/prompts";
import { useMayManage } from "@/queries/roles";
import { ImportDialog } from "./import-dialog";
import { Jobs } from "./jobs";
import { PromptTable } from "./prompt-table";
import { SampleDialog } from "./sample-dialog";
import { texts } from "./texts";
import { Tiles } from "./tiles";
import { VerifyDialog } from "./verify-dialog";
import "./prompts.css";

type Open = "import" | "sample" | "verify" | null;

/** The prompts of a project: how many, what happened to them, and the jobs that fill them. */
export function PromptsPage({ project }: { project: string }) {
  const [open, setOpen] = useState<Open>(null);
  const [split, setSplit] = useState<Split | null>(null);
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
      {count === 0 ? (
        <NoPrompts project={project} manages={manages} onImport={() => setOpen("import")} />
      ) : (
        <PromptTable project={project} split={split} onSplit={setSplit} />
      )}
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
