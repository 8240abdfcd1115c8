import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";
import { isActive, pollWhile } from "@/queries/jobs";

export type ExportJob = Shapes["ExportJobShape"];
export type ExportBody = Shapes["ExportBody"];
export type ImportJob = Shapes["ImportJobShape"];
export type ImportAsked = { file: File } & Pick<ImportJob, "content" | "format"> & { keepGood: boolean };

const at = (project: string) => ({ path: { project } });

/** Exports of a project, newest first; followed while one is under way. */
export const exportsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "exports"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/exports", { params: at(project) })),
    refetchInterval: (query) => pollWhile(query.state.data?.some(isActive)),
  });

/** Imports of a project, newest first; followed while one is under way. */
export const importsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "imports"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/imports", { params: at(project) })),
    refetchInterval: (query) => pollWhile(query.state.data?.some(isActive)),
  });

/** Start an export. */
export function useExport(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ExportBody) =>
      unwrap(client.POST("/api/projects/{project}/exports", { params: at(project), body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: exportsQuery(project).queryKey }),
  });
}

/** Upload a file and start its import. */
export function useImport(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ file, content, format, keepGood }: ImportAsked) =>
      unwrap(
        client.POST("/api/projects/{project}/imports", {
          params: { ...at(project), query: { content, format, keep_good: keepGood, name: file.name } },
          body: file as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
          headers: { "Content-Type": "application/octet-stream" },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}

/** Where the file of an export is downloaded. */
export const fileOf = (project: string, job: ExportJob) => `/api/projects/${project}/exports/${job.id}/file`;
