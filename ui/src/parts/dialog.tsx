import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { UiIcon } from './icons';

/** A modal dialog: the browser keeps the focus in it and gives it back. Closed by Esc, its cross or a click beside it. */
export function Dialog(props: { title: string; class?: string; onClose(): void; children: ComponentChildren }) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(props.onClose);
  close.current = props.onClose;
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${props.class ?? ''}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close.current();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) close.current();
      }}
    >
      <div class="dialog-plate">
        <header class="dialog-head">
          <h2 id={id}>{props.title}</h2>
          <button type="button" class="bare" aria-label={t('app.close')} onClick={() => close.current()}>
            <UiIcon name="cross" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
