import { instant, list, measure, number, object, text, textMap, type Json } from '../json';
import { readRun, type Run } from '../runs/types';

/** All of a run on one page, as `/api/v1/runs/{id}` tells it. */

export interface Input {
  name: string;
  digest: string | null;
  source: string | null;
  context: string | null;
}

export interface LinkedModel {
  id: string;
  name: string;
  version: number | null;
  status: string | null;
  role: 'input' | 'output';
}

export interface Detail {
  run: Run;
  inputs: Input[];
  environment: Record<string, string>;
  resources: Record<string, number>;
  artifacts: number | null;
  models: LinkedModel[];
  experimentName: string | null;
}

export function readDetail(json: unknown): Detail | null {
  const o = object(json);
  const run = readRun(object(o['run']));
  if (!run) return null;
  const resources: Record<string, number> = {};
  for (const [key, value] of Object.entries(object(o['resources']))) {
    const given = measure(value);
    if (given !== null) resources[key] = given;
  }
  return {
    run,
    inputs: list(o['inputs'], readInput),
    environment: readEnvironment(object(o['environment'])),
    resources,
    artifacts: number(o['artifacts']),
    models: list(o['models'], readModel),
    experimentName: text(o['experiment_name']),
  };
}

function readInput(o: Json): Input | null {
  const called = text(o['name']);
  if (!called) return null;
  return {
    name: called,
    digest: text(o['digest']),
    source: text(o['source']),
    context: text(o['context']) ?? text(object(o['tags'])['mlflow.data.context']),
  };
}

function readModel(o: Json): LinkedModel | null {
  const called = text(o['name']);
  const id = text(o['id']) ?? called;
  if (!id) return null;
  return { id, name: called ?? id, version: number(o['version']), status: text(o['status']), role: o['role'] === 'input' || o['role'] === 'INPUT' ? 'input' : 'output' };
}

/** Nested parts, such as libraries by name, become lines of one text. */
function readEnvironment(o: Json): Record<string, string> {
  const flat = textMap(o);
  for (const [key, value] of Object.entries(o)) {
    if (typeof value === 'object' && value !== null) {
      flat[key] = Object.entries(textMap(value))
        .map(([library, version]) => `${library}==${version}`)
        .join('\n');
    }
  }
  return flat;
}

export interface ArtifactFile {
  path: string;
  name: string;
  isFolder: boolean;
  size: number | null;
}

export function readFiles(json: unknown): ArtifactFile[] {
  const files = list(object(json)['files'], (o): ArtifactFile | null => {
    const path = text(o['path']);
    if (!path) return null;
    return { path, name: path.slice(path.lastIndexOf('/') + 1), isFolder: o['is_dir'] === true, size: number(o['size']) };
  });
  return files.toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name));
}

/** A point of a metric that was just logged. */
export interface LivePoint {
  key: string;
  step: number;
  at: number;
  value: number;
}

export function readPoint(data: string): LivePoint | null {
  const o = parsed(data);
  const key = text(o['key']);
  const step = number(o['step']);
  const at = instant(o['at']);
  const value = measure(o['value']);
  return key === null || step === null || at === null || value === null ? null : { key, step, at: Date.parse(at), value };
}

export interface Standing {
  status: string | null;
  endedAt: string | null;
}

export function readStanding(data: string): Standing {
  const o = parsed(data);
  return { status: text(o['status']), endedAt: instant(o['ended_at']) };
}

function parsed(data: string): Json {
  try {
    return object(JSON.parse(data));
  } catch {
    return {};
  }
}

export type Preview = 'text' | 'json' | 'table' | 'image' | 'drawing' | 'none';

const IMAGES = ['png', 'jpg', 'jpeg', 'gif', 'webp', 'bmp'];
const BINARY = ['bin', 'pkl', 'pickle', 'joblib', 'zip', 'gz', 'tar', 'parquet', 'onnx', 'pt', 'pth', 'h5', 'jar', 'so', 'npy', 'npz', 'pdf'];

/** How a file is looked at, by its ending alone; its bytes are never run. */
export function previewOf(path: string): Preview {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  if (IMAGES.includes(ending)) return 'image';
  if (ending === 'svg') return 'drawing';
  if (BINARY.includes(ending)) return 'none';
  if (ending === 'json') return 'json';
  if (ending === 'csv' || ending === 'tsv') return 'table';
  return 'text';
}

/** A drawing as the address of an image: within one, no script of it runs and nothing is fetched. */
export function drawingUrl(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** Rows of a CSV text, quotes and all; at most so many. */
export function csvRows(source: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < source.length && rows.length < most; i++) {
    const c = source[i] as string;
    if (quoted) {
      if (c === '"' && source[i + 1] === '"') {
        cell += '"';
        i++;
      } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === separator) {
      row.push(cell);
      cell = '';
    } else if (c === '\n') {
      row.push(cell.endsWith('\r') ? cell.slice(0, -1) : cell);
      rows.push(row);
      row = [];
      cell = '';
    } else cell += c;
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) rows.push([...row, cell]);
  return rows;
}

/** Whether this program's own pipeline trained it, which alone can be trained again from here. */
export function isOfPipeline(detail: Detail): boolean {
  return detail.run.tags['orrery.stage'] === 'train';
}

/** What brings the run back, as far as is known: its code, its data, its command. Empty where nothing is. */
export function reproduce(detail: Detail): string {
  const { environment: e } = detail;
  const lines = [];
  const commit = e['commit'];
  if (e['repository'] && commit) lines.push(`git clone ${quoted(e['repository'])} repro && cd repro`);
  if (commit) lines.push(`git checkout ${quoted(commit)}`);
  const source = detail.run.source ?? e['source'] ?? '';
  if (isOfPipeline(detail)) lines.push(`orrery exp repro ${quoted(detail.run.id)}`);
  else if (source.endsWith('.py')) lines.push(`python ${quoted(source)}`);
  return lines.join('\n');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

