import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { type DataFilter, filterFor, type Listed } from "@/lib/data-filter";
import { useGrowing } from "@/queries/growing";

export type FoundRollout = Shapes["FoundRollout"];
export type FoundCritique = Shapes["FoundCritique"];
export type FoundPrompt = Shapes["FoundPrompt"];
export type View = Shapes["ViewShape"];
export type Change = Shapes["ChangeShape"];
export type ChangeKind = Shapes["ChangeKind"];

export type Found =
  | { list: "rollouts"; row: FoundRollout }
  | { list: "critiques"; row: FoundCritique }
  | { list: "prompts"; row: FoundPrompt };

const PAGE = 100;

async function page(project: string, list: Listed, filter: DataFilter, before: number | null) {
  const params = { path: { project }, query: { ...filterFor(list, filter), before, limit: PAGE } };
  if (list === "rollouts") {
    const found = await unwrap(client.GET("/api/projects/{project}/data/rollouts", { params }));
    return { items: found.items.map((row): Found => ({ list, row })), next: found.next };
  }
  if (list === "critiques") {
    const found = await unwrap(client.GET("/api/projects/{project}/data/critiques", { params }));
    return { items: found.items.map((row): Found => ({ list, row })), next: found.next };
  }
  const found = await unwrap(client.GET("/api/projects/{project}/data/prompts", { params }));
  return { items: found.items.map((row): Found => ({ list, row })), next: found.next };
}

/** The key below which every list of what was collected in a project is kept. */
export const dataKey = (project: string) => ["project", project, "data"] as const;

/** What matches, newest first, page by page. */
export const dataQuery = (project: string, list: Listed, filter: DataFilter) =>
  infiniteQueryOptions({
    queryKey: [...dataKey(project), list, filterFor(list, filter)],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) => page(project, list, filter, pageParam),
    getNextPageParam: (last) => last.next,
    placeholderData: (previous) => previous,
  });

/** The rows that match as one list that grows, and how to have more of them. */
export function useFound(project: string, list: Listed, filter: DataFilter) {
  return useGrowing(useInfiniteQuery(dataQuery(project, list, filter)));
}

export type FoundRows = ReturnType<typeof useFound>;

/** How many match in all, asked for when somebody wants to change them. */
export function useCount(project: string) {
  return useMutation({
    mutationFn: ({ list, filter }: { list: Listed; filter: DataFilter }) =>
      unwrap(
        client.GET("/api/projects/{project}/data/{listed}/count", {
          params: { path: { project, listed: list }, query: filterFor(list, filter) },
        }),
      ),
  });
}

/** My views and the shared ones. */
export const viewsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "views"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/views", { params: { path: { project } } })),
  });

/** Keep a filter under a name. */
export function useSaveView(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["ViewBody"]) =>
      unwrap(client.PUT("/api/projects/{project}/views", { params: { path: { project } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: viewsQuery(project).queryKey }),
  });
}

/** Take a view away. */
export function useDeleteView(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (view_id: number) =>
      unwrap(client.DELETE("/api/views/{view_id}", { params: { path: { view_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: viewsQuery(project).queryKey }),
  });
}

/** Change many things at once. */
export function useChangeMany(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["ChangeBody"]) =>
      unwrap(client.POST("/api/projects/{project}/changes", { params: { path: { project } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}

/** Take such a change back. */
export function useUndoChange(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change_id: number) =>
      unwrap(client.POST("/api/changes/{change_id}/undo", { params: { path: { change_id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}
