/// Bytes under their SHA-256, in a folder.
///
/// A blob is whole with its digest, or absent: it is written beside, hashed, synced, renamed into
/// place, and the folder synced, before [dev.orrery.blob.Blobs#put] returns. Every read checks the
/// digest first. Rows are the truth: a blob that no row names is garbage.
///
/// Files: `ab/abcdef...` by the digest's first two digits; `incoming/` holds what is being written.
///
/// Limits: 2 GB for what is read into memory; otherwise those of the disk.
@NullMarked
package dev.orrery.blob;

import org.jspecify.annotations.NullMarked;
