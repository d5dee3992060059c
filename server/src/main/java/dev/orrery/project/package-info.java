/// The project's own definitions: `orrery.yaml` and the files it names, read into located nodes.
///
/// Words: a *definition* is a file of the project that says what is wanted; a [Node] is a value in
/// one, with the file, line and column it stands at; a *block* is a map of keys; a *shape* says
/// which keys a block may have. Where a block is expected, a text is the path of a file inside the
/// project's folder that holds the block. Each part parses its own block from its nodes; the shapes
/// of all blocks stand in [Keys], from which the check and the editors' JSON Schema both come.
///
/// The founding documents' dictionaries are read as they stand (`name = { ... }`, with or without a
/// docstring); nothing is ever executed.
///
/// Limits: a definition has at most 1 MB, a depth of 50, 100,000 values with its aliases followed,
/// and includes at most 8 deep.
@NullMarked
package dev.orrery.project;

import org.jspecify.annotations.NullMarked;
