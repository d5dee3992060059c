package dev.orrery.lineage;

/// That one node was made from another.
///
/// @param from the source
/// @param to what was made from it
/// @param relation how, as a verb read from source to product: `trained`, `built`, `deployed as`
public record Edge(Node from, Node to, String relation) {}
