import { infiniteQueryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { progressQuery } from "@/queries/projects";

export type Prompt = Shapes["PromptShape"];
export type Split = Shapes["Split"];
export type LineError = Shapes["LineErrorShape"];

const PAGE = 50;

/** The key below which every list of prompts of a project is kept. */
export const promptsKey = (project: string) => ["project", project, "prompts"] as const;

/** Prompts of one split (or all) in import order, page by page. */
export const promptsQuery = (project: string, split: Split | null) =>
  infiniteQueryOptions({
    queryKey: [...promptsKey(project), split],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      unwrap(
        client.GET("/api/projects/{project}/prompts", {
          params: { path: { project }, query: { split, after: pageParam, limit: PAGE } },
        }),
      ),
    getNextPageParam: (last) => last.next,
  });

/** Import prompts from JSON lines. */
export function useImportPrompts(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ lines, keepGood }: { lines: string; keepGood: boolean }) =>
      unwrap(
        client.POST("/api/projects/{project}/prompts/import", {
          params: { path: { project }, query: { keep_good: keepGood } },
          body: lines,
          bodySerializer: (body) => body as string,
          headers: { "Content-Type": "application/x-ndjson" },
        }),
      ),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: promptsKey(project) }),
        queries.invalidateQueries({ queryKey: progressQuery(project).queryKey }),
      ]),
  });
}
