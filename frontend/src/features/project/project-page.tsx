import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { ApiError } from "@/lib/api";
import { projectQuery } from "@/queries/projects";
import { ActivityCard } from "./activity-card";
import { ExchangeCard } from "./exchange-card";
import { FormCard } from "./form-card";
import { GuidelineVersions } from "./guideline-versions";
import { InvitationsCard } from "./invitations-card";
import { KeysCard } from "./keys-card";
import { MembersCard } from "./members-card";
import "./project.css";
import { QueueCard } from "./queue-card";
import { covers } from "./roles";
import { SettingsCard, SettingsFacts } from "./settings-card";
import { texts } from "./texts";

/** Everything about a project that is not its content. */
export function ProjectPage({ project }: { project: string }) {
  const found = useQuery(projectQuery(project));
  if (!found.data) {
    const refused = found.error instanceof ApiError && found.error.status === 403;
    return (
      <Page title={texts.title}>
        {refused && <p className="notice">{texts.notYours}</p>}
        {found.error && !refused && <Problem error={found.error} retry={() => found.refetch()} />}
        {found.isPending && <Skeleton lines={8} />}
      </Page>
    );
  }
  const { role } = found.data;
  const manages = covers(role, "admin");
  return (
    <Page title={texts.title} about={texts.about}>
      {manages ? <SettingsCard project={found.data} /> : <SettingsFacts project={found.data} />}
      <GuidelineVersions project={project} />
      <FormCard project={found.data} />
      {covers(role, "reviewer") && <ExchangeCard project={project} />}
      <MembersCard project={project} own={role} />
      {manages && <QueueCard project={project} />}
      {manages && <InvitationsCard project={project} own={role} />}
      {covers(role, "annotator") ? (
        <KeysCard project={project} own={role} />
      ) : (
        <p className="notice">{texts.keysForbidden}</p>
      )}
      {manages && <ActivityCard project={project} />}
    </Page>
  );
}
