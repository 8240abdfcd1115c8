import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { Skeleton } from "@/components/states";
import { CreateProject } from "@/features/session/create-project";
import { LoginForm } from "@/features/session/login-form";
import { PasswordForm } from "@/features/session/password-form";
import { texts } from "@/lib/texts";
import { sessionQuery } from "@/queries/session";

/** The way in: log in, choose a password, then to the first project. */
export function Home() {
  const session = useQuery(sessionQuery);
  if (session.isPending)
    return (
      <Centre>
        <Skeleton />
      </Centre>
    );
  if (!session.data)
    return (
      <Centre>
        <LoginForm />
      </Centre>
    );
  if (session.data.user.must_change_password)
    return (
      <Centre>
        <PasswordForm forced />
      </Centre>
    );
  const first = session.data.memberships[0];
  if (!first) {
    return (
      <Centre>
        <div className="stack">
          <h1>{texts.product}</h1>
          <p>{texts.frame.noProject}</p>
          {session.data.user.may_create_projects && <CreateProject />}
        </div>
      </Centre>
    );
  }
  const page = first.role === "annotator" ? "annotate" : "prompts";
  return <Navigate to={`/$project/${page}`} params={{ project: first.project.slug }} />;
}

function Centre({ children }: { children: React.ReactNode }) {
  return (
    <main className="centre">
      <div>{children}</div>
    </main>
  );
}
