import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import { readDataFilter, readDataSearch } from "@/lib/data-filter";
import { Broken } from "@/routes/broken";
import { Home } from "@/routes/home";
import { Invitation } from "@/routes/invitation";
import { NotFound } from "@/routes/not-found";
import { ProjectLayout } from "@/routes/project-layout";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });
const invitation = createRoute({ getParentRoute: () => root, path: "/invitation", component: Invitation });
const project = createRoute({ getParentRoute: () => root, path: "/$project", component: ProjectLayout });

/** A page below a project, loaded when it is first opened. */
const page = <P extends string>(path: P, load: () => Promise<{ default: () => React.ReactNode }>) =>
  createRoute({ getParentRoute: () => project, path, component: lazyRouteComponent(load) });

const review = createRoute({
  getParentRoute: () => project,
  path: "review",
  validateSearch: readDataFilter,
  component: lazyRouteComponent(() => import("@/routes/review")),
});

const answers = createRoute({
  getParentRoute: () => project,
  path: "review/answers",
  validateSearch: (search: Record<string, unknown>): { all?: true } =>
    search.all === true ? { all: true } : {},
  component: lazyRouteComponent(() => import("@/routes/adjudications")),
});

const prompts = createRoute({
  getParentRoute: () => project,
  path: "prompts",
  validateSearch: readDataFilter,
  component: lazyRouteComponent(() => import("@/routes/prompts")),
});

const data = createRoute({
  getParentRoute: () => project,
  path: "data",
  validateSearch: readDataSearch,
  component: lazyRouteComponent(() => import("@/routes/data")),
});

const pages = [
  page("annotate", () => import("@/routes/annotate")),
  page("compare", () => import("@/routes/compare-sets")),
  page("compare/$set", () => import("@/routes/compare-desk")),
  page("compare/$set/result", () => import("@/routes/compare-result")),
  review,
  answers,
  page("review/answers/$rollout", () => import("@/routes/adjudication")),
  page("review/agreement", () => import("@/routes/agreement")),
  data,
  page("review/$critique", () => import("@/routes/critique")),
  page("quality", () => import("@/routes/quality")),
  page("rules", () => import("@/routes/rules")),
  prompts,
  page("runs", () => import("@/routes/runs")),
  page("runs/new", () => import("@/routes/new-run")),
  page("runs/$run", () => import("@/routes/run")),
  page("checkpoints", () => import("@/routes/checkpoints")),
  page("checkpoints/$checkpoint", () => import("@/routes/checkpoint")),
  page("evaluations", () => import("@/routes/evaluations")),
  page("evaluations/$a/$b", () => import("@/routes/compare")),
  page("playground", () => import("@/routes/playground")),
  page("project", () => import("@/routes/project")),
  page("exchange", () => import("@/routes/exchange")),
  page("form", () => import("@/routes/form")),
  page("password", () => import("@/routes/password")),
] as const;

const tree = root.addChildren([home, invitation, project.addChildren(pages)]);

/** The router over all pages. */
export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    scrollRestoration: true,
    defaultErrorComponent: Broken,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
