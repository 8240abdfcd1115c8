import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { Annotate } from "@/features/annotate/annotate";
import { texts } from "@/lib/texts";
import { projectQuery } from "@/queries/projects";

/** The annotator's page. */
export default function AnnotateRoute() {
  const { project } = useParams({ from: "/$project/annotate" });
  const name = useQuery(projectQuery(project)).data?.name ?? project;
  useEffect(() => {
    document.title = `${texts.nav.annotate} · ${name} · ${texts.product}`;
  }, [name]);
  return <Annotate project={project} />;
}
