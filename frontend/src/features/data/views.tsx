import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { FormActions } from "@/components/form-actions";
import { Modal } from "@/components/modal";
import { Problem } from "@/components/states";
import { type DataFilter, type DataSearch, type Listed, readDataSearch } from "@/lib/data-filter";
import { texts as common } from "@/lib/texts";
import { useDeleteView, useSaveView, viewsQuery } from "@/queries/data";
import { texts } from "./texts";

interface ViewsProps {
  project: string;
  list: Listed;
  filter: DataFilter;
  onOpen: (search: DataSearch) => void;
}

/** Open, keep and delete views: filters with a name. */
export function Views({ project, list, filter, onOpen }: ViewsProps) {
  const views = useQuery(viewsQuery(project)).data ?? [];
  const remove = useDeleteView(project);
  const [opened, setOpened] = useState<number | null>(null);
  const [naming, setNaming] = useState(false);
  const open = (id: number) => {
    const view = views.find((known) => known.id === id);
    setOpened(view?.id ?? null);
    if (view) onOpen({ ...readDataSearch(view.filter), list: view.listed });
  };
  const mine = views.find((view) => view.id === opened && view.is_mine);
  return (
    <div className="row">
      {views.length > 0 && (
        <select
          className="narrow"
          aria-label={texts.chooseView}
          value={opened ?? ""}
          onChange={(event) => open(Number(event.target.value))}
        >
          <option value="">{texts.views}</option>
          {views.map((view) => (
            <option key={view.id} value={view.id}>
              {view.is_mine ? view.name : texts.viewOf(view.name, view.owner)}
            </option>
          ))}
        </select>
      )}
      <button type="button" className="button" onClick={() => setNaming(true)}>
        {texts.saveView}
      </button>
      {mine && (
        <button
          type="button"
          className="button quiet"
          onClick={() => remove.mutate(mine.id, { onSuccess: () => setOpened(null) })}
        >
          {texts.deleteView}
        </button>
      )}
      {remove.error && <Problem error={remove.error} />}
      {naming && (
        <SaveView
          project={project}
          list={list}
          filter={filter}
          name={mine?.name ?? ""}
          onClose={() => setNaming(false)}
        />
      )}
    </div>
  );
}

interface SaveViewProps {
  project: string;
  list: Listed;
  filter: DataFilter;
  name: string;
  onClose: () => void;
}

function SaveView({ project, list, filter, name: known, onClose }: SaveViewProps) {
  const save = useSaveView(project);
  const [name, setName] = useState(known);
  const [isShared, setShared] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, listed: list, filter, is_shared: isShared }, { onSuccess: onClose });
  };
  return (
    <Modal label={texts.saveView} onClose={onClose}>
      <form className="stack" onSubmit={send}>
        <h2>{texts.saveView}</h2>
        <Field label={texts.viewName}>
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <label className="row">
          <input type="checkbox" checked={isShared} onChange={() => setShared(!isShared)} /> {texts.shared}
        </label>
        {save.error && <Problem error={save.error} />}
        <FormActions isBusy={save.isPending} onCancel={onClose}>
          {common.common.save}
        </FormActions>
      </form>
    </Modal>
  );
}
