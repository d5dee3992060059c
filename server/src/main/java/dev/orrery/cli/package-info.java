/// The command line: `orrery <command>`.
///
/// Words: a *command* is one verb ([Command]); the *home* is the project's folder it works on; the
/// *terminal* is where it reads, prints and complains. A command talks over HTTP to the server that
/// runs on the home (or that `ORRERY_SERVER` names, as `http://127.0.0.1:8080`), or works on the
/// folder itself; `run` starts a server for itself where none runs.
///
/// What is asked for goes to standard output, everything else to standard error. Exit codes stand
/// in [ExitCode]. A command's classes are loaded only when it is called: `orrery status` must
/// answer within 0.4 s. The list of all commands is [Commands].
@NullMarked
package dev.orrery.cli;

import org.jspecify.annotations.NullMarked;
