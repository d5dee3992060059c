import type { CriterionState, MarkKind, Severity, StageId, StageState, VersionState } from '../overview/types';

/** All drawings are decoration beside a word, hence hidden from assistive technology. */

const STAGE_PATHS: Record<StageId, string> = {
  data: 'M4.5 6.2C4.5 4.4 7.9 3 12 3s7.5 1.4 7.5 3.2S16.1 9.4 12 9.4 4.5 8 4.5 6.2zM4.5 6.2v11.6C4.5 19.6 7.9 21 12 21s7.5-1.4 7.5-3.2V6.2M4.5 12c0 1.8 3.4 3.2 7.5 3.2s7.5-1.4 7.5-3.2',
  features: 'M4 4.5h16v15H4zM4 9.5h16M9.3 9.5v10M14.7 9.5v10',
  train: 'M12 8v3.5M12 11.5 7 16M12 11.5 17 16M12 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 12 8zM6.2 20.4a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM17.8 20.4a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z',
  gate: 'M3.5 20.5h17M5.5 20.5V10a6.5 6.5 0 0 1 13 0v10.5M9.8 20.5V12M14.2 20.5V12',
  register: 'M5.5 3.5h9.5l3.5 3.5v13.5h-13zM9 10h6M9 13.5h6M9 17h3.5',
  deploy: 'M12 15.5V4M7.5 8.3 12 3.8l4.5 4.5M4.5 15v5.2h15V15',
  monitor: 'M2.8 12.5h4.4l2.9-7.7 4 14.4 2.8-6.7h4.3',
  retrain: 'M19.8 12.3a7.8 7.8 0 1 1-2.4-5.9L20 9M20 3.8V9h-5.2',
};

export function StageGlyph({ id }: { id: StageId }) {
  return <path class="stroke" d={STAGE_PATHS[id]} />;
}

export function StageIcon({ id }: { id: StageId }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <StageGlyph id={id} />
    </svg>
  );
}

export type Sign = 'rejected' | 'ok' | 'running' | 'failed' | 'waiting' | 'unknown' | 'warning' | 'info';

const SIGN_PATHS: Record<Sign, string> = {
  ok: 'M4.3 8.4 7 11l4.8-5.6',
  running: 'M8 4a4 4 0 1 1-4 4',
  failed: 'M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6',
  rejected: 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  waiting: 'M8 4.6V8l2.3 1.6',
  unknown: 'M6 6.3a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M8 11.6v.1',
  warning: 'M8 4.6v4.2M8 11.3v.1',
  info: 'M8 7.4v4M8 4.7v.1',
};

/** The round badge of a state: a filled disc with a sign of its own shape, so that colour is never the only word. */
export function SignGlyph({ sign }: { sign: Sign }) {
  return (
    <>
      <circle class="sign-disc" cx="8" cy="8" r="7" />
      <path class="sign-mark" d={SIGN_PATHS[sign]} />
    </>
  );
}

export function SignIcon({ sign }: { sign: Sign }) {
  return (
    <svg class={`sign sign-${sign}`} viewBox="0 0 16 16" aria-hidden="true">
      <SignGlyph sign={sign} />
    </svg>
  );
}

export const STAGE_SIGN: Record<StageState, Sign> = {
  ok: 'ok',
  running: 'running',
  failed: 'failed',
  waiting: 'waiting',
  unknown: 'unknown',
};

export const CRITERION_SIGN: Record<CriterionState, Sign> = {
  met: 'ok',
  below_target: 'warning',
  failed: 'failed',
  unknown: 'unknown',
};

export const VERSION_SIGN: Record<VersionState, Sign> = {
  champion: 'ok',
  canary: 'running',
  shadow: 'info',
  registered: 'waiting',
  archived: 'waiting',
  rejected: 'rejected',
  unknown: 'unknown',
};

export const SEVERITY_SIGN: Record<Severity, Sign> = { critical: 'failed', warning: 'warning', info: 'info' };

/** A state as a badge and a word. */
export function State({ sign, word }: { sign: Sign; word: string }) {
  return (
    <span class={`state state-${sign}`}>
      <SignIcon sign={sign} />
      {word}
    </span>
  );
}

/** The shapes of the chart's marks, in a box of -6..6; the canvas draws the same paths. */
export const MARK_PATHS: Record<MarkKind, string> = {
  drift: 'M0-4.8 4.8 0 0 4.8-4.8 0z',
  retrain: 'M0-4.2a4.2 4.2 0 1 1-.01 0z',
  promotion: 'M0-5 5 4.2H-5z',
  rejection: 'M-4-4 4 4M4-4-4 4',
  rollback: 'M0 5-5-4.2H5z',
};

export function MarkIcon({ kind }: { kind: MarkKind }) {
  return (
    <svg class={`mark mark-${kind}`} viewBox="-7 -7 14 14" aria-hidden="true">
      <path d={MARK_PATHS[kind]} />
    </svg>
  );
}

export function Brand() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle class="brand-orbit" cx="16" cy="16" r="13.5" />
      <circle class="brand-orbit" cx="16" cy="16" r="7.6" />
      <circle class="brand-sun" cx="16" cy="16" r="3.8" />
      <circle class="brand-green" cx="25.5" cy="6.5" r="3.2" />
      <circle class="brand-blue" cx="9.2" cy="19.4" r="2.1" />
    </svg>
  );
}

const UI_PATHS = {
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z',
  auto: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 3.5v17M12 8h7.5M12 12h8.5M12 16h7.5',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  done: 'M5 12.5 10 17.5 19 7',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3 20 20',
  cross: 'M6 6l12 12M18 6 6 18',
  down: 'M6 9.5l6 6 6-6',
  right: 'M9.5 6l6 6-6 6',
  up: 'M12 19V5M6 11l6-6 6 6',
  fall: 'M12 5v14M6 13l6 6 6-6',
  columns: 'M4 5h16v14H4zM9.3 5v14M14.7 5v14',
  group: 'M5 6h14M8 12h11M8 18h11M5 12v6',
  pin: 'M9 4h6l-1 6 3 3H7l3-3zM12 13v7',
  more: 'M5.6 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0zM11.5 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0zM17.4 12a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0z',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  line: 'M4 17l5-6 4 3 7-9',
  folder: 'M3.5 6.5h6l2 2.5h9v9.5h-17z',
  file: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4',
  save: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14',
  box: 'M12 3.5 19.5 7.5v9L12 20.5 4.5 16.5v-9zM4.5 7.5 12 11.5l7.5-4M12 11.5v9',
  wide: 'M8 6l-5 6 5 6M16 6l5 6-5 6M3 12h18',
  zoom: 'M4 9V4h5M20 15v5h-5M20 9V4h-5M4 15v5h5',
} as const;

export function UiIcon({ name }: { name: keyof typeof UI_PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path class="stroke" d={UI_PATHS[name]} />
    </svg>
  );
}
