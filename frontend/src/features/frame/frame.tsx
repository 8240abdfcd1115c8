import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Icon, type IconName } from "@/components/icons";
import { texts } from "@/lib/texts";
import { applyTheme, readTheme, type Theme } from "@/lib/theme";
import { type Session, useLogout } from "@/queries/session";

interface Item {
  name: Exclude<IconName, "more">;
  to: string;
  wide?: boolean;
  /** Whether only reviewers and up find anything there. */
  reviews?: boolean;
}

const ITEMS: Item[] = [
  { name: "annotate", to: "/$project/annotate" },
  { name: "compare", to: "/$project/compare", wide: true },
  { name: "review", to: "/$project/review", reviews: true },
  { name: "data", to: "/$project/data", wide: true, reviews: true },
  { name: "rules", to: "/$project/rules", wide: true },
  { name: "prompts", to: "/$project/prompts" },
  { name: "runs", to: "/$project/runs" },
  { name: "checkpoints", to: "/$project/checkpoints", wide: true },
  { name: "evaluations", to: "/$project/evaluations", wide: true },
  { name: "playground", to: "/$project/playground", wide: true },
  { name: "project", to: "/$project/project", wide: true },
];

interface FrameProps {
  session: Session;
  project: string;
  bare?: boolean;
  children: ReactNode;
}

/** The rail and the top bar around a page; `bare` (annotate) shows the page alone. */
export function Frame({ session, project, bare = false, children }: FrameProps) {
  if (bare) return <>{children}</>;
  const items = itemsFor(session, project);
  return (
    <>
      <a className="button skip-link" href="#content">
        {texts.frame.skip}
      </a>
      <div className="frame">
        <nav className="rail" aria-label={texts.nav.main}>
          <Link className="brand" to="/$project/prompts" params={{ project }}>
            <span translate="no">
              Re<i>draft</i>
            </span>
          </Link>
          {items.map((item) => (
            <Link
              key={item.name}
              to={item.to as "/$project/runs"}
              params={{ project }}
              className={item.wide ? "item wide" : "item"}
              activeProps={{ "aria-current": "page" }}
            >
              <Icon name={item.name} />
              {texts.nav[item.name]}
            </Link>
          ))}
          <More project={project} items={items} />
        </nav>
        <div>
          <TopBar session={session} project={project} />
          {children}
        </div>
      </div>
    </>
  );
}

/** The pages on which somebody with this role finds something. */
function itemsFor(session: Session, project: string): Item[] {
  const role = session.memberships.find((membership) => membership.project.slug === project)?.role;
  return role === "annotator" ? ITEMS.filter((item) => !item.reviews) : ITEMS;
}

/** The other pages, on a screen too narrow for all of them. */
function More({ project, items }: { project: string; items: Item[] }) {
  const { pathname } = useLocation();
  const rest = items.filter((item) => item.wide);
  const isHere = rest.some((item) => pathname.startsWith(`/${project}/${item.name}`));
  return (
    <details key={pathname} className="more">
      <summary className="item" aria-current={isHere ? "page" : undefined}>
        <Icon name="more" />
        {texts.nav.more}
      </summary>
      <div className="panel">
        {rest.map((item) => (
          <Link
            key={item.name}
            to={item.to as "/$project/runs"}
            params={{ project }}
            className="button quiet"
            activeProps={{ "aria-current": "page" }}
          >
            {texts.nav[item.name]}
          </Link>
        ))}
      </div>
    </details>
  );
}

function TopBar({ session, project }: { session: Session; project: string }) {
  const navigate = useNavigate();
  return (
    <header className="topbar">
      <label className="row">
        <span className="visually-hidden">{texts.frame.project}</span>
        <select
          value={project}
          onChange={(event) => navigate({ to: "/$project/prompts", params: { project: event.target.value } })}
        >
          {session.memberships.map((membership) => (
            <option key={membership.project.slug} value={membership.project.slug}>
              {membership.project.name}
            </option>
          ))}
        </select>
      </label>
      <AccountMenu session={session} project={project} />
    </header>
  );
}

function AccountMenu({ session, project }: { session: Session; project: string }) {
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useState<Theme>(readTheme);
  const logout = useLogout();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event) => {
      const outside = event instanceof MouseEvent && !box.current?.contains(event.target as Node);
      const escaped = event instanceof KeyboardEvent && event.key === "Escape";
      if (outside || escaped) setOpen(false);
    };
    document.addEventListener("mousedown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("mousedown", close);
      document.removeEventListener("keydown", close);
    };
  }, [open]);
  const choose = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  return (
    <div className="menu" ref={box}>
      <button type="button" className="button quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="visually-hidden">{texts.frame.account}: </span>
        {session.user.name}
      </button>
      {open && (
        <div className="panel">
          <span className="small muted">{session.user.email}</span>
          <label className="field">
            <span className="label">{texts.frame.theme}</span>
            <select value={theme} onChange={(event) => choose(event.target.value as Theme)}>
              <option value="system">{texts.frame.system}</option>
              <option value="light">{texts.frame.light}</option>
              <option value="dark">{texts.frame.dark}</option>
            </select>
          </label>
          <Link
            className="button quiet"
            to="/$project/password"
            params={{ project }}
            onClick={() => setOpen(false)}
          >
            {texts.frame.changePassword}
          </Link>
          <button type="button" className="button quiet" onClick={() => logout.mutate()}>
            {texts.frame.logOut}
          </button>
        </div>
      )}
    </div>
  );
}
