package dev.orrery.lineage;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// What was made from what. Safe for use by many threads and processes.
public final class Lineage {
  private static final int EDGES_MAX = 10_000;

  private static final String UP =
      """
      with recursive reached (kind, id) as (
        select cast(? as text), cast(? as text)
        union
        select e.from_kind, e.from_id
        from lineage e
        join reached r on e.to_kind = r.kind and e.to_id = r.id
      )
      select e.from_kind, e.from_id, e.to_kind, e.to_id, e.relation
      from lineage e
      join reached r on e.to_kind = r.kind and e.to_id = r.id
      order by e.from_kind, e.from_id, e.to_kind, e.to_id, e.relation
      limit ?
      """;

  private static final String DOWN =
      """
      with recursive reached (kind, id) as (
        select cast(? as text), cast(? as text)
        union
        select e.to_kind, e.to_id
        from lineage e
        join reached r on e.from_kind = r.kind and e.from_id = r.id
      )
      select e.from_kind, e.from_id, e.to_kind, e.to_id, e.relation
      from lineage e
      join reached r on e.from_kind = r.kind and e.from_id = r.id
      order by e.from_kind, e.from_id, e.to_kind, e.to_id, e.relation
      limit ?
      """;

  private final Db db;

  public Lineage(Db db) {
    this.db = db;
  }

  /// Notes an edge in the same transaction as what it tells of; a known one is left as it is.
  public void link(Tx tx, Node from, Node to, String relation) {
    tx.update(
        """
        insert into lineage (from_kind, from_id, to_kind, to_id, relation)
        values (?, ?, ?, ?, ?)
        on conflict do nothing
        """,
        from.kind(),
        from.id(),
        to.kind(),
        to.id(),
        relation);
  }

  /// What a node was made from directly; the first 10,000 edges.
  public List<Edge> into(Tx tx, Node node) {
    return tx.query(
        """
        select from_kind, from_id, to_kind, to_id, relation
        from lineage
        where to_kind = ? and to_id = ?
        order by from_kind, from_id, relation
        limit ?
        """,
        Lineage::edge,
        node.kind(),
        node.id(),
        EDGES_MAX);
  }

  /// Gives a node another id, wherever it is linked.
  public void rename(Tx tx, Node node, String id) {
    tx.update(
        "update lineage set from_id = ? where from_kind = ? and from_id = ?",
        id,
        node.kind(),
        node.id());
    tx.update(
        "update lineage set to_id = ? where to_kind = ? and to_id = ?", id, node.kind(), node.id());
  }

  /// All that led to a node, the nearest first; empty if nothing is known of it.
  ///
  /// @throws Problem of kind TOO_LARGE beyond 10,000 edges
  public List<Edge> up(Node node) {
    return nearestFirst(node, edges(UP, node), Edge::to, Edge::from);
  }

  /// All that came of a node, the nearest first; empty if nothing is known of it.
  ///
  /// @throws Problem of kind TOO_LARGE beyond 10,000 edges
  public List<Edge> down(Node node) {
    return nearestFirst(node, edges(DOWN, node), Edge::from, Edge::to);
  }

  private List<Edge> edges(String sql, Node node) {
    List<Edge> edges = db.query(sql, Lineage::edge, node.kind(), node.id(), EDGES_MAX + 1);
    if (edges.size() > EDGES_MAX) {
      throw new Problem(
          Fault.LINEAGE_TOO_LARGE,
          "%s is linked to more than %,d others".formatted(node, EDGES_MAX),
          "Ask for something nearer to what you look for");
    }
    return edges;
  }

  private static List<Edge> nearestFirst(
      Node start, List<Edge> edges, Function<Edge, Node> near, Function<Edge, Node> far) {
    Map<Node, List<Edge>> leaving = new LinkedHashMap<>();
    for (Edge edge : edges) {
      leaving.computeIfAbsent(near.apply(edge), _ -> new ArrayList<>()).add(edge);
    }
    List<Edge> ordered = new ArrayList<>();
    Set<Node> seen = new HashSet<>(Set.of(start));
    ArrayDeque<Node> queue = new ArrayDeque<>(seen);
    for (Node node = queue.poll(); node != null; node = queue.poll()) {
      for (Edge edge : leaving.getOrDefault(node, List.of())) {
        ordered.add(edge);
        if (seen.add(far.apply(edge))) queue.add(far.apply(edge));
      }
    }
    return ordered;
  }

  private static Edge edge(Row row) {
    return new Edge(
        new Node(row.text("from_kind"), row.text("from_id")),
        new Node(row.text("to_kind"), row.text("to_id")),
        row.text("relation"));
  }
}
