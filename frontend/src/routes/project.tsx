import { Page } from "@/components/page";

/** Project. */
export default function Project() {
  return <Page title="Project">{null}</Page>;
}
