/// What a user's own Java program links to speak with Orrery: Java 17, and nothing but the JDK.
///
/// Words: a *client* is one server and how to reach it; its faces are *experiments*, *runs*,
/// *artifacts*, *models* (the registry) and *logged models*. A *metric log* takes points without
/// waiting and sends them in batches.
///
/// Every write carries an `Idempotency-Key`, so that one that is sent again happens once. What a
/// server of MLflow answers is understood as well; it does not know the key.
///
/// Limits: answers of at most 256 MB; batches of at most 1000 points.
@NullMarked
package dev.orrery.client;

import org.jspecify.annotations.NullMarked;
