import { useParams } from "@tanstack/react-router";
import { FormPage } from "@/features/form/form-page";

/** The critique form: what is asked, and how that changed. */
export default function Route() {
  const { project } = useParams({ from: "/$project/form" });
  return <FormPage project={project} />;
}
