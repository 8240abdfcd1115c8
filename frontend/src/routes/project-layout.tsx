import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useParams } from "@tanstack/react-router";
import { Suspense } from "react";
import { Skeleton } from "@/components/states";
import { Frame } from "@/features/frame/frame";
import { LoginForm } from "@/features/session/login-form";
import { PasswordForm } from "@/features/session/password-form";
import { sessionQuery } from "@/queries/session";

/** Everything below a project: needs a login, stands in the frame. */
export function ProjectLayout() {
  const { project } = useParams({ from: "/$project" });
  const session = useQuery(sessionQuery);
  const bare = useLocation().pathname.endsWith("/annotate");
  if (session.isPending) return <Skeleton />;
  if (!session.data)
    return (
      <main className="centre">
        <LoginForm />
      </main>
    );
  if (session.data.user.must_change_password)
    return (
      <main className="centre">
        <PasswordForm forced />
      </main>
    );
  return (
    <Frame session={session.data} project={project} bare={bare}>
      <Suspense
        fallback={
          <main className="page">
            <Skeleton lines={6} />
          </main>
        }
      >
        <Outlet />
      </Suspense>
    </Frame>
  );
}
