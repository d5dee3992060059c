import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * A button that opens a small panel below itself. The panel is fixed to the window, so that nothing clips it; it closes
 * by Esc, a click elsewhere, or when what holds it scrolls.
 */
export function Menu(props: {
  label: string;
  face: ComponentChildren;
  class?: string;
  panelClass?: string;
  children: (close: () => void) => ComponentChildren;
}) {
  const [at, setAt] = useState<{ top: number; left: number } | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const open = () => {
    const box = button.current?.getBoundingClientRect();
    if (box) setAt({ top: box.bottom + 4, left: box.left });
  };
  const close = (back: boolean) => {
    setAt(null);
    if (back) button.current?.focus();
  };

  useEffect(() => {
    const shown = panel.current;
    if (!at || !shown) return;
    const box = shown.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - box.width - 8));
    const above = at.top + box.height > innerHeight - 8 && at.top - box.height - 40 > 8;
    shown.style.left = `${left}px`;
    shown.style.top = `${above ? at.top - box.height - 8 - (button.current?.offsetHeight ?? 0) : at.top}px`;
    shown.style.maxHeight = `${Math.max(160, above ? at.top : innerHeight - at.top - 12)}px`;
    (shown.querySelector('[autofocus], input, button') as HTMLElement | null)?.focus();
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!shown.contains(target) && !button.current?.contains(target)) close(false);
    };
    const scrolled = (event: Event) => {
      if (!shown.contains(event.target as Node)) close(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('scroll', scrolled, true);
    addEventListener('resize', scrolled);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('scroll', scrolled, true);
      removeEventListener('resize', scrolled);
    };
  }, [at !== null]);

  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class ?? 'quiet'}
        aria-label={props.label}
        aria-haspopup="dialog"
        aria-expanded={at !== null}
        title={props.label}
        onClick={() => (at ? close(true) : open())}
      >
        {props.face}
      </button>
      {at && (
        <div
          ref={panel}
          class={`pop ${props.panelClass ?? ''}`}
          role="dialog"
          aria-label={props.label}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              close(true);
            } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !(event.target instanceof HTMLInputElement && event.target.type === 'search')) {
              event.preventDefault();
              const items = [...(panel.current?.querySelectorAll<HTMLElement>('button, input') ?? [])];
              const now = items.indexOf(event.target as HTMLElement);
              items.at((now + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length)?.focus();
            }
          }}
        >
          {props.children(() => close(true))}
        </div>
      )}
    </>
  );
}
