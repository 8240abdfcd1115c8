import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { dataKey } from "@/queries/data";
import { progressQuery } from "@/queries/projects";

export type Split = Shapes["Split"];
export type LineError = Shapes["LineErrorShape"];

/** One prompt with all its messages. */
export const promptQuery = (id: number) =>
  queryOptions({
    queryKey: ["prompt", id],
    queryFn: () => unwrap(client.GET("/api/prompts/{prompt_id}", { params: { path: { prompt_id: id } } })),
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
        queries.invalidateQueries({ queryKey: dataKey(project) }),
        queries.invalidateQueries({ queryKey: progressQuery(project).queryKey }),
      ]),
  });
}
