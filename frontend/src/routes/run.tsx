import { Page } from "@/components/page";

/** Run. */
export default function Run() {
  return <Page title="Run">{null}</Page>;
}
