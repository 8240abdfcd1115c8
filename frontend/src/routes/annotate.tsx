import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Modal } from "@/components/modal";
import { Annotate } from "@/features/annotate/annotate";
import { LoginForm } from "@/features/session/login-form";
import { onLoginEnded } from "@/lib/api";
import { texts } from "@/lib/texts";
import { projectQuery } from "@/queries/projects";

/** The annotator's page; when a login ends, it is renewed in place and what was typed goes on being saved. */
export default function AnnotateRoute() {
  const { project } = useParams({ from: "/$project/annotate" });
  const name = useQuery(projectQuery(project)).data?.name ?? project;
  useEffect(() => {
    document.title = `${texts.nav.annotate} · ${name} · ${texts.product}`;
  }, [name]);
  const [expired, setExpired] = useState(false);
  useEffect(() => onLoginEnded(() => setExpired(true)), []);
  return (
    <>
      <Annotate project={project} />
      {expired && (
        <Modal label={texts.login.title} onClose={() => setExpired(false)}>
          <LoginForm again onDone={() => setExpired(false)} />
        </Modal>
      )}
    </>
  );
}
