import { Page } from "@/components/page";
import { useMayManage, useMayReview } from "@/queries/roles";
import { ExportForm } from "./export-form";
import { Exports } from "./exports";
import { ImportForm } from "./import-form";
import { Imports } from "./imports";
import { texts } from "./texts";
import "./exchange.css";

/** Data out of a project and into it, as jobs. */
export function ExchangePage({ project }: { project: string }) {
  const exports = useMayReview(project);
  const imports = useMayManage(project);
  return (
    <Page title={texts.title} about={texts.about}>
      {!exports && <p className="notice">{texts.forbidden}</p>}
      {exports && (
        <>
          <ExportForm project={project} />
          <Exports project={project} />
        </>
      )}
      {imports && (
        <>
          <ImportForm project={project} />
          <Imports project={project} />
        </>
      )}
    </Page>
  );
}
