import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { presetsQuery, recipeSchemaQuery } from "@/queries/runs";
import { NewRunForm } from "./new-run-form";
import { type Node, readSchema } from "./schema";
import { texts } from "./texts";
import "./runs.css";
import "./new-run.css";

interface NewRunProps {
  project: string;
  onLaunched: (run: number) => void;
}

/** Making a run: method, settings, what it would find, launch. */
export function NewRunPage({ project, onLaunched }: NewRunProps) {
  const schema = useQuery(recipeSchemaQuery);
  const presets = useQuery(presetsQuery);
  const form = useMemo(() => schema.data && readSchema(schema.data as Node), [schema.data]);
  const failed = schema.isError ? schema : presets.isError ? presets : null;
  return (
    <Page title={texts.form.title} about={texts.form.about}>
      {failed ? (
        <Problem error={failed.error} retry={() => failed.refetch()} />
      ) : form && presets.data ? (
        <NewRunForm
          key={project}
          project={project}
          form={form}
          presets={presets.data}
          onLaunched={onLaunched}
        />
      ) : (
        <Skeleton lines={10} />
      )}
    </Page>
  );
}
