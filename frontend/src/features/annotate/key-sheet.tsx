import { useState } from "react";
import { Modal } from "@/components/modal";
import { texts as common } from "@/lib/texts";
import { singleKeysOn, switchSingleKeys } from "@/lib/use-keys";
import { texts } from "./texts";

/** Every key and what it does. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  const flip = () => {
    switchSingleKeys(!on);
    setOn(!on);
  };
  return (
    <Modal label={texts.keys} onClose={onClose}>
      <div className="stack">
        <h2>{texts.keys}</h2>
        <table>
          <tbody>
            {texts.keyList.map(([key, action]) => (
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
          <input type="checkbox" checked={on} onChange={flip} /> {texts.singleKeys}
        </label>
        <button type="button" className="button" onClick={onClose}>
          {common.common.close}
        </button>
      </div>
    </Modal>
  );
}
