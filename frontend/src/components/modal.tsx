import { type ReactNode, useEffect, useRef } from "react";

interface ModalProps {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog over the page; Escape closes it and the focus goes back. */
export function Modal({ label, onClose, children }: ModalProps) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog ref={box} aria-label={label} onClose={onClose}>
      {children}
    </dialog>
  );
}
