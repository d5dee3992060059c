import { decimalsFor, formatAligned, formatInstant, formatInstantShort, formatNumber, formatSpan, formatValue } from '../format';
import { language, t } from '../i18n';
import { Unknown } from '../parts/bits';
import { RunStateBadge, stateWord } from './badge';
import { groupOf, nameOf, spanOf, type Column } from './columns';
import { experiments } from './state';
import { RUN_STATES, type Group, type Run } from './types';

/** What stands in the cells of the runs table. */

export function columnWord(key: string): string {
  switch (key) {
    case 'name':
      return t('runs.column.name');
    case 'status':
      return t('runs.column.status');
    case 'started':
      return t('runs.column.started');
    case 'duration':
      return t('runs.column.duration');
    case 'user':
      return t('runs.column.user');
    case 'experiment':
      return t('runs.column.experiment');
    case 'source':
      return t('runs.column.source');
    case 'id':
      return t('runs.column.id');
    default:
      return nameOf(key);
  }
}

/** How a column of these runs is written: decimals of a metric, whether a parameter's values are numbers. */
export interface Style {
  decimals: number;
  right: boolean;
}

export function styleOf(column: Column, runs: readonly Run[]): Style {
  if (column.group === 'metrics') {
    const values = runs.map((r) => r.metrics[column.name]).filter((v): v is number => v !== undefined);
    return { decimals: decimalsFor(values), right: true };
  }
  if (column.group === 'params') {
    const values = runs.map((r) => r.params[column.name]).filter((v): v is string => v !== undefined);
    return { decimals: 0, right: values.length > 0 && values.every(isNumeric) };
  }
  return { decimals: 0, right: column.key === 'duration' };
}

function isNumeric(value: string): boolean {
  return value.trim() !== '' && !Number.isNaN(Number(value));
}

/** The value of a cell in full, for its title and for files. */
export function plainValue(key: string, run: Run): string {
  switch (groupOf(key)) {
    case 'metrics':
      return run.metrics[nameOf(key)] === undefined ? '' : String(run.metrics[nameOf(key)]);
    case 'params':
      return run.params[nameOf(key)] ?? '';
    case 'tags':
      return run.tags[nameOf(key)] ?? '';
    case 'run':
      break;
  }
  switch (key) {
    case 'status':
      return run.status;
    case 'started':
      return run.startedAt ?? '';
    case 'duration': {
      const span = spanOf(run, Date.now());
      return span === null ? '' : String(span / 1000);
    }
    case 'user':
      return run.user ?? '';
    case 'experiment':
      return run.experiment ?? '';
    case 'source':
      return run.source ?? '';
    case 'id':
      return run.id;
    default:
      return '';
  }
}

export function CellValue({ column, run, style }: { column: Column; run: Run; style: Style }) {
  const lang = language.value;
  if (column.group === 'metrics') {
    const value = run.metrics[column.name];
    return value === undefined ? <Nothing /> : <span title={String(value)}>{formatAligned(value, style.decimals, lang)}</span>;
  }
  if (column.group !== 'run') {
    const value = (column.group === 'params' ? run.params : run.tags)[column.name];
    return value === undefined ? <Nothing /> : <span title={value}>{value}</span>;
  }
  switch (column.key) {
    case 'status':
      return <RunStateBadge state={run.status} />;
    case 'started':
      return run.startedAt ? (
        <time dateTime={run.startedAt} title={`${formatInstant(run.startedAt, lang)} UTC`}>
          {formatInstantShort(run.startedAt, lang)}
        </time>
      ) : (
        <Nothing />
      );
    case 'duration': {
      const span = spanOf(run, Date.now());
      return span === null ? <Nothing /> : <span title={`${span} ms`}>{formatSpan(span, lang)}</span>;
    }
    case 'experiment': {
      const name = experiments.value.find((e) => e.id === run.experiment)?.name ?? run.experiment;
      return name ? <span title={name}>{name}</span> : <Nothing />;
    }
    case 'id':
      return <code title={run.id}>{run.id.slice(0, 10)}</code>;
    default: {
      const value = column.key === 'user' ? run.user : run.source;
      return value ? <span title={value}>{value}</span> : <Nothing />;
    }
  }
}

/** In a table of many gaps a dash each would be noise: a faint dot, and nothing for the ear. */
function Nothing() {
  return (
    <span class="gap" aria-hidden="true">
      ·
    </span>
  );
}

/** Of all runs of a group, whether they are shown or not: the mean, and from the least to the greatest. */
export function GroupCell({ column, group, style }: { column: Column; group: Group; style: Style }) {
  if (column.group !== 'metrics') return null;
  const spread = group.metrics[column.name];
  if (!spread || spread.mean === null) return <Unknown />;
  const lang = language.value;
  const digits = Math.max(style.decimals, decimalsFor([spread.mean]));
  return (
    <span class="spread" title={t('runs.group.spread', { mean: String(spread.mean), min: String(spread.min), max: String(spread.max), count: spread.count ?? 0 })}>
      <span>{formatAligned(spread.mean, Math.min(digits, 4), lang)}</span>
      {spread.min !== null && spread.max !== null && (
        <small>
          {formatValue(round(spread.min), lang)} – {formatValue(round(spread.max), lang)}
        </small>
      )}
    </span>
  );
}

function round(value: number): number {
  return Number.isFinite(value) && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;
}

export function groupTitle(group: Group): string {
  return Object.entries(group.key)
    .map(([key, value]) => {
      const state = key === 'status' ? RUN_STATES.find((s) => s === value) : undefined;
      return state ? stateWord(state) : `${columnWord(key)} = ${value ?? t('app.none')}`;
    })
    .join(' · ');
}

export function countWord(count: number): string {
  return formatNumber(count, language.value);
}
