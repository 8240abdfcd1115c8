import { Page } from "@/components/page";

/** NewRun. */
export default function NewRun() {
  return <Page title="NewRun">{null}</Page>;
}
