/** Keys that work anywhere on a page. Single letters are never taken from someone who is typing. */

export type Handler = (event: KeyboardEvent) => void;

/** Newest first: what was opened last hears first. */
const layers: Record<string, Handler>[] = [];
let waitingFor: { first: string; until: number } | null = null;

const SEQUENCE_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type);
}

/** The name of what was pressed: `j`, `mod+k`, `g r`, `?`, `Escape`. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`;
}

/** Registers a layer of keys; the answer takes it away again. */
export function onKeys(layer: Record<string, Handler>): () => void {
  layers.unshift(layer);
  return () => {
    const at = layers.indexOf(layer);
    if (at >= 0) layers.splice(at, 1);
  };
}

/** Keys of the current page do not work while a dialog is open. */
function isModal(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

export function listen(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (isTyping(event.target) && !name.startsWith('mod+') && name !== 'Escape') return;
    if (isModal() && name !== 'mod+k') return;
    const sequence = waitingFor && waitingFor.until > event.timeStamp ? `${waitingFor.first} ${name}` : null;
    waitingFor = null;
    for (const wanted of sequence ? [sequence, name] : [name]) {
      for (const layer of layers) {
        const handler = layer[wanted];
        if (!handler) continue;
        event.preventDefault();
        handler(event);
        return;
      }
    }
    if (layers.some((layer) => Object.keys(layer).some((key) => key.startsWith(`${name} `)))) {
      waitingFor = { first: name, until: event.timeStamp + SEQUENCE_MS };
    }
  });
}
