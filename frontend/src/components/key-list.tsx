import { useState } from "react";
import { Modal } from "@/components/modal";
import { texts } from "@/lib/texts";
import { singleKeysOn, switchSingleKeys } from "@/lib/use-keys";

interface KeyListProps {
  keys: readonly (readonly [string, string])[];
  onClose: () => void;
}

/** Every key of a page and what it does. */
export function KeyList({ keys, onClose }: KeyListProps) {
  const [on, setOn] = useState(singleKeysOn);
  const flip = () => {
    switchSingleKeys(!on);
    setOn(!on);
  };
  return (
    <Modal label={texts.keys.title} onClose={onClose}>
      <div className="stack">
        <h2>{texts.keys.title}</h2>
        <table>
          <tbody>
            {keys.map(([key, action]) => (
              <tr key={key}>
                <th scope="row">
                  <kbd>{key}</kbd>
                </th>
                <td>{action}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <label className="row">
          <input type="checkbox" checked={on} onChange={flip} /> {texts.keys.single}
        </label>
        <button type="button" className="button" onClick={onClose}>
          {texts.common.close}
        </button>
      </div>
    </Modal>
  );
}
