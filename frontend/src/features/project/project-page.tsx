import { useQuery } from "@tanstack/react-query";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { projectQuery } from "@/queries/projects";
import { ActivityCard } from "./activity-card";
import { InvitationsCard } from "./invitations-card";
import { KeysCard } from "./keys-card";
import { MembersCard } from "./members-card";
import "./project.css";
import { SettingsCard } from "./settings-card";
import { texts } from "./texts";

/** Everything about a project that is not its content. */
export function ProjectPage({ project }: { project: string }) {
  const found = useQuery(projectQuery(project));
  if (!found.data) {
    return (
      <Page title={texts.title}>
        {found.error ? <Problem error={found.error} retry={() => found.refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const { role } = found.data;
  const manages = role === "owner" || role === "admin";
  return (
    <Page title={texts.title} about={texts.about}>
      <SettingsCard project={found.data} manages={manages} />
      <MembersCard project={project} manages={manages} />
      {manages && <InvitationsCard project={project} />}
      {role !== "viewer" && <KeysCard project={project} role={role} />}
      {manages && <ActivityCard project={project} />}
    </Page>
  );
}
