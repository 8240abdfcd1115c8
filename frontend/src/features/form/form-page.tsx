import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { formsQuery } from "@/queries/forms";
import { projectQuery } from "@/queries/projects";
import { useMayManage } from "@/queries/roles";
import { FormEditor } from "./form-editor";
import "./form.css";
import { Preview } from "./preview";
import { texts } from "./texts";
import { Versions } from "./versions";

/** What annotators fill in: the form in force, its editor, and every version there was. */
export function FormPage({ project }: { project: string }) {
  const role = useQuery(projectQuery(project));
  const versions = useQuery(formsQuery(project));
  const manages = useMayManage(project);
  const now = versions.data?.[0];
  const back = (
    <Link className="button" to="/$project/project" params={{ project }}>
      {texts.back}
    </Link>
  );
  const failed = role.error ?? versions.error;
  return (
    <Page title={texts.title} about={texts.about} actions={back}>
      {failed && <Problem error={failed} retry={() => versions.refetch()} />}
      {!failed && (!now || !role.data) && <Skeleton lines={8} />}
      {now && role.data && !manages && (
        <>
          <p className="notice">{texts.readOnly}</p>
          <Preview form={now.form} />
          <Versions versions={versions.data ?? []} />
        </>
      )}
      {now && manages && <FormEditor project={project} versions={versions.data ?? []} now={now} />}
    </Page>
  );
}
