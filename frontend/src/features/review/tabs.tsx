import { Link } from "@tanstack/react-router";
import { texts } from "./texts";

/** The parts of the review. */
export function Tabs({ project }: { project: string }) {
  const exact = { exact: true, includeSearch: false };
  return (
    <nav className="tabs" aria-label={texts.tabs.label}>
      <Link to="/$project/review" params={{ project }} activeOptions={exact}>
        {texts.tabs.critiques}
      </Link>
      <Link to="/$project/review/answers" params={{ project }}>
        {texts.tabs.adjudicate}
      </Link>
      <Link to="/$project/review/agreement" params={{ project }}>
        {texts.tabs.agreement}
      </Link>
    </nav>
  );
}
