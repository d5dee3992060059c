import type { GraphEdge, GraphNode } from './types';

/** Where the nodes of a lineage stand: what was made from something stands right of it. */

export interface Placed extends GraphNode {
  key: string;
  x: number;
  y: number;
}

export interface Layout {
  nodes: Placed[];
  edges: { from: Placed; to: Placed; relation: string }[];
  width: number;
  height: number;
  /** Nodes that had no place. */
  left: number;
}

export const BOX_W = 168;
export const BOX_H = 46;
const GAP_X = 64;
const GAP_Y = 16;
const NODES_MAX = 80;

const keyOf = (node: GraphNode) => `${node.kind} ${node.id}`;

export function layout(edges: readonly GraphEdge[]): Layout {
  const all = new Map<string, GraphNode>();
  for (const { from, to } of edges) {
    all.set(keyOf(from), from);
    all.set(keyOf(to), to);
  }
  const kept = new Map([...all].slice(0, NODES_MAX));
  const links = edges
    .map((e) => ({ from: keyOf(e.from), to: keyOf(e.to), relation: e.relation }))
    .filter((e, i, list) => e.from !== e.to && kept.has(e.from) && kept.has(e.to) && list.findIndex((o) => o.from === e.from && o.to === e.to) === i);

  // The longest way from a source is the column; circles cannot hold it up longer than there are nodes.
  const level = new Map([...kept.keys()].map((key) => [key, 0]));
  for (let round = 0; round < kept.size; round++) {
    let moved = false;
    for (const { from, to } of links) {
      const next = (level.get(from) ?? 0) + 1;
      if (next > (level.get(to) ?? 0) && next < kept.size) {
        level.set(to, next);
        moved = true;
      }
    }
    if (!moved) break;
  }
  // A source stands beside what it is for, not at the far left.
  for (const key of kept.keys()) {
    const outs = links.filter((l) => l.from === key).map((l) => level.get(l.to) ?? 0);
    if (outs.length > 0 && !links.some((l) => l.to === key)) level.set(key, Math.max(0, Math.min(...outs) - 1));
  }

  const columns: string[][] = [];
  for (const key of kept.keys()) (columns[level.get(key) ?? 0] ??= []).push(key);
  const used = columns.filter((column) => column !== undefined && column.length > 0);
  // Nodes near to what they are linked with: two sweeps by the mean place of the neighbours.
  const place = new Map<string, number>();
  const note = () => used.forEach((column) => column.forEach((key, i) => place.set(key, i - column.length / 2)));
  note();
  for (const sweep of [used, used.toReversed()]) {
    for (const column of sweep) {
      const mean = (key: string) => {
        const near = links.filter((l) => l.from === key || l.to === key).map((l) => place.get(l.from === key ? l.to : l.from) ?? 0);
        return near.length === 0 ? (place.get(key) ?? 0) : near.reduce((a, b) => a + b, 0) / near.length;
      };
      column.sort((a, b) => mean(a) - mean(b));
      column.forEach((key, i) => place.set(key, i - column.length / 2));
    }
  }

  const tallest = Math.max(1, ...used.map((column) => column.length));
  const height = tallest * (BOX_H + GAP_Y) - GAP_Y;
  const nodes = new Map<string, Placed>();
  used.forEach((column, c) => {
    const own = column.length * (BOX_H + GAP_Y) - GAP_Y;
    column.forEach((key, i) => {
      const node = kept.get(key) as GraphNode;
      nodes.set(key, { ...node, key, x: c * (BOX_W + GAP_X), y: (height - own) / 2 + i * (BOX_H + GAP_Y) });
    });
  });
  return {
    nodes: [...nodes.values()],
    edges: links.map((l) => ({ from: nodes.get(l.from) as Placed, to: nodes.get(l.to) as Placed, relation: l.relation })),
    width: Math.max(1, used.length) * (BOX_W + GAP_X) - GAP_X,
    height,
    left: all.size - kept.size,
  };
}
