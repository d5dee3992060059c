/// Who may do what: principals, their roles, and the permissions that routes ask for.
@NullMarked
package dev.orrery.access;

import org.jspecify.annotations.NullMarked;
