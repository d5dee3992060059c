package dev.orrery.lineage;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

  /// All edges that leave what some nodes lead to, in one question.
  private static final String BEYOND =
      """
      with recursive reached (kind, id) as (
        values %s
        union
        select e.to_kind, e.to_id
        from reached r
        join lineage e on e.from_kind = r.kind and e.from_id = r.id
      )
      select e.from_kind, e.from_id, e.to_kind, e.to_id, e.relation
      from reached r
      join lineage e on e.from_kind = r.kind and e.from_id = r.id
      limit ?
      """;

  private static final String FORWARD =
      """
      select from_kind, from_id, to_kind, to_id, relation
      from lineage
      where from_kind = ? and from_id in (%s)
      """;

  private static final String BACKWARD =
      """
      select from_kind, from_id, to_kind, to_id, relation
      from lineage
      where to_kind = ? and to_id in (%s)
      """;

  private static final int COUNTED_MAX = 1_000_000;
  private static final int NAMED_MAX = 1_000;
  private static final int AT_ONCE = 500;
  private static final int STARTS_AT_ONCE = 5_000;

  /// Beyond so many steps all edges are fetched first: rings cost a question for each 500 nodes.
  private static final int RINGS_MAX = 10;

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

  /// The same, no further than so many steps away.
  public List<Edge> up(Node node, int depth) {
    return walk(node, depth, EDGES_MAX, BACKWARD, Edge::from).edges();
  }

  /// The same, no further than so many steps away.
  public List<Edge> down(Node node, int depth) {
    return walk(node, depth, EDGES_MAX, FORWARD, Edge::to).edges();
  }

  /// The same, with edges that stand in definitions and not in rows.
  ///
  /// @throws Problem of kind TOO_LARGE beyond 10,000 edges
  public List<Edge> down(Node node, int depth, Collection<Edge> defined) {
    Walk walk = walk(node, depth, EDGES_MAX, FORWARD, Edge::to, defined);
    if (!walk.whole()) throw tooLarge(node);
    return walk.edges();
  }

  /// What a fault in a node would touch.
  ///
  /// @param counts how many nodes of each kind
  /// @param nodes the nearest of them, at most 1,000: of each kind its share, and then the nearest
  /// @param whole whether all were counted: there are at most 1,000,000 edges
  public record Impact(
      Node node, SortedMap<String, Integer> counts, List<Node> nodes, int edges, boolean whole) {}

  /// All that would be touched by a fault in a node, counted and the nearest named.
  public Impact impact(Node node, int depth) {
    return impact(node, depth, List.of());
  }

  /// The same, with edges that stand in definitions and not in rows: which feature reads a column,
  /// what an endpoint serves now.
  public Impact impact(Node node, int depth, Collection<Edge> defined) {
    Walk walk = walk(node, depth, COUNTED_MAX, FORWARD, Edge::to, defined);
    var counts = new TreeMap<String, Integer>();
    walk.reached().forEach(reached -> counts.merge(reached.kind(), 1, Integer::sum));
    return new Impact(
        node,
        counts,
        named(walk.reached(), NAMED_MAX / Math.max(1, counts.size())),
        walk.edges().size(),
        walk.whole());
  }

  /// Many nodes of one kind do not hide the few of another.
  private static List<Node> named(List<Node> reached, int share) {
    if (reached.size() <= NAMED_MAX) return reached;
    var taken = new HashMap<String, Integer>();
    var named = new LinkedHashSet<Node>();
    for (Node node : reached) {
      if (taken.merge(node.kind(), 1, Integer::sum) <= share) named.add(node);
    }
    for (Node node : reached) {
      if (named.size() == NAMED_MAX) break;
      named.add(node);
    }
    return reached.stream().filter(named::contains).toList();
  }

  /// @param reached the nodes, the nearest first, without the start
  private record Walk(List<Edge> edges, List<Node> reached, boolean whole) {}

  /// Steps from nodes to their neighbours, a whole ring of them at a time.
  private Walk walk(Node start, int depth, int most, String sql, Function<Edge, Node> far) {
    return walk(start, depth, most, sql, far, List.of());
  }

  private Walk walk(
      Node start,
      int depth,
      int most,
      String sql,
      Function<Edge, Node> far,
      Collection<Edge> defined) {
    Map<Node, List<Edge>> more = new HashMap<>();
    for (Edge edge : defined) {
      more.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
    }
    return db.read(tx -> {
      if (depth > RINGS_MAX && sql.equals(FORWARD)) {
        Optional<List<Edge>> beyond = beyond(tx, start, most, defined);
        if (beyond.isPresent()) return within(start, depth, most, beyond.get(), more);
      }
      List<Edge> edges = new ArrayList<>();
      Set<Node> seen = new LinkedHashSet<>(Set.of(start));
      List<Node> ring = List.of(start);
      for (int step = 0; step < depth && !ring.isEmpty(); step++) {
        List<Node> next = new ArrayList<>();
        for (int from = 0; from < ring.size(); from += AT_ONCE) {
          List<Node> part = ring.subList(from, Math.min(ring.size(), from + AT_ONCE));
          List<Edge> near = new ArrayList<>(neighbours(tx, part, sql));
          for (Node node : part) near.addAll(more.getOrDefault(node, List.of()));
          for (Edge edge : near) {
            if (edges.size() == most) return walked(edges, seen, false);
            edges.add(edge);
            if (seen.add(far.apply(edge))) next.add(far.apply(edge));
          }
        }
        ring = next;
      }
      return walked(edges, seen, true);
    });
  }

  /// The edges beyond a node and beyond whatever definitions lead to; empty if they are too many.
  private static Optional<List<Edge>> beyond(
      Tx tx, Node start, int most, Collection<Edge> defined) {
    var starts = new LinkedHashSet<>(Set.of(start));
    defined.forEach(edge -> starts.add(edge.to()));
    var edges = new LinkedHashSet<Edge>();
    List<Node> all = List.copyOf(starts);
    for (int from = 0; from < all.size(); from += STARTS_AT_ONCE) {
      List<Node> part = all.subList(from, Math.min(all.size(), from + STARTS_AT_ONCE));
      List<@Nullable Object> args = new ArrayList<>();
      for (Node node : part) args.addAll(List.of(node.kind(), node.id()));
      args.add(most + 1);
      String places =
          String.join(", ", Collections.nCopies(part.size(), "(cast(? as text), cast(? as text))"));
      edges.addAll(tx.query(BEYOND.formatted(places), Lineage::edge, args.toArray()));
      if (edges.size() > most) return Optional.empty();
    }
    return Optional.of(List.copyOf(edges));
  }

  /// Steps over edges that are all known.
  private static Walk within(
      Node start, int depth, int most, List<Edge> known, Map<Node, List<Edge>> more) {
    Map<Node, List<Edge>> leaving = new HashMap<>();
    more.forEach((node, edges) -> leaving.put(node, new ArrayList<>(edges)));
    for (Edge edge : known) {
      leaving.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
    }
    List<Edge> edges = new ArrayList<>();
    Set<Node> seen = new LinkedHashSet<>(Set.of(start));
    List<Node> ring = List.of(start);
    for (int step = 0; step < depth && !ring.isEmpty(); step++) {
      List<Node> next = new ArrayList<>();
      for (Node node : ring) {
        for (Edge edge : leaving.getOrDefault(node, List.of())) {
          if (edges.size() == most) return walked(edges, seen, false);
          edges.add(edge);
          if (seen.add(edge.to())) next.add(edge.to());
        }
      }
      ring = next;
    }
    return walked(edges, seen, true);
  }

  private static Walk walked(List<Edge> edges, Set<Node> seen, boolean whole) {
    return new Walk(edges, seen.stream().skip(1).toList(), whole);
  }

  /// The edges of some nodes. One kind is asked for at a time: databases look such a list up in
  /// their index, where for pairs they would read all edges.
  private static List<Edge> neighbours(Tx tx, List<Node> of, String sql) {
    Map<String, List<@Nullable Object>> kinds = new LinkedHashMap<>();
    for (Node node : of) {
      kinds.computeIfAbsent(node.kind(), kind -> new ArrayList<>(List.of(kind))).add(node.id());
    }
    List<Edge> edges = new ArrayList<>();
    for (List<@Nullable Object> args : kinds.values()) {
      String places = String.join(", ", Collections.nCopies(args.size() - 1, "?"));
      edges.addAll(tx.query(sql.formatted(places), Lineage::edge, args.toArray()));
    }
    return edges;
  }

  private List<Edge> edges(String sql, Node node) {
    List<Edge> edges = db.query(sql, Lineage::edge, node.kind(), node.id(), EDGES_MAX + 1);
    if (edges.size() > EDGES_MAX) throw tooLarge(node);
    return edges;
  }

  private static Problem tooLarge(Node node) {
    return new Problem(
        Fault.LINEAGE_TOO_LARGE,
        "%s is linked to more than %,d others".formatted(node, EDGES_MAX),
        "Ask for something nearer to what you look for, for fewer steps, or for its impact");
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
