import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useParams } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { Modal } from "@/components/modal";
import { Skeleton } from "@/components/states";
import { Frame } from "@/features/frame/frame";
import { LoginForm } from "@/features/session/login-form";
import { PasswordForm } from "@/features/session/password-form";
import { onLoginEnded } from "@/lib/api";
import { texts } from "@/lib/texts";
import { type Session, sessionQuery } from "@/queries/session";

/**
 * Everything below a project: needs a login, stands in the frame. A login that ends is renewed in a dialog over the
 * page, so that nothing on it is lost.
 */
export function ProjectLayout() {
  const { project } = useParams({ from: "/$project" });
  const session = useQuery(sessionQuery);
  const known = useLastLogin(session.data);
  const [ended, setEnded] = useState(false);
  useEffect(() => onLoginEnded(() => setEnded(true)), []);
  const bare = /\/(annotate|compare\/\d+)$/.test(useLocation().pathname);
  const renewed = () => setEnded(false);
  if (!known)
    return session.isPending ? (
      <Skeleton />
    ) : (
      <main className="centre">
        <LoginForm onDone={renewed} />
      </main>
    );
  if (known.user.must_change_password)
    return (
      <main className="centre">
        <PasswordForm forced />
      </main>
    );
  return (
    <>
      <Frame session={known} project={project} bare={bare}>
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
      {ended && (
        <Modal label={texts.login.title} onClose={renewed}>
          <LoginForm again onDone={renewed} />
        </Modal>
      )}
    </>
  );
}

/** The session, or the last one there was: it outlives the login, since what is on the page belongs to it. */
function useLastLogin(session: Session | null | undefined): Session | null {
  const [known, setKnown] = useState<Session | null>(null);
  if (session && session !== known) setKnown(session);
  return session ?? known;
}
