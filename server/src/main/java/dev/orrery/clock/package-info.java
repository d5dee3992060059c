/// The clock that the loop runs on, and the chores that are due by it.
///
/// On the real clock the chores are looked after every second. A virtual clock stands still until a
/// route moves it, forward only; every move does the chores that became due and waits for them, so
/// that months can be played in minutes and always alike. Leases, timeouts and durability do not
/// follow it. The virtual time is stored whenever it has moved by six hours: after a crash it
/// stands at most six hours behind.
///
/// A store stays on the clock that it was first used on.
///
/// Tables: `virtual_clock`, `clock_kind`.
@NullMarked
package dev.orrery.clock;

import org.jspecify.annotations.NullMarked;
