/// Who may do what, and who did what.
///
/// Words: a *principal* is who calls; a *role* is what it is trusted with; a *permission* is what a
/// route asks for; the *audit log* is the list of what was done, each entry sealed with the hash of
/// the one before it, so that a later change shows.
///
/// Tables: `audit`.
///
/// Limits: an entry's detail is at most 64 KB of JSON.
@NullMarked
package dev.orrery.access;

import org.jspecify.annotations.NullMarked;
