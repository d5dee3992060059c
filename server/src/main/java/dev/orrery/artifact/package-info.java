/// Trees of files whose bytes are blobs.
///
/// Words: an *owner* is what files belong to: `run/<id>`, `model/<id>`, or `shared` for paths that
/// are nobody's. An *artifact* is a path within its owner that names a blob; *folders* are where
/// paths meet, and are there as long as something is below them. A *location* is how MLflow's
/// clients write where files lie, `mlflow-artifacts:/<experiment>/<run>/artifacts/<path>`; it is
/// parsed into an owner and a path. No client's text ever becomes a file name: a path is looked up
/// among rows, and the file is named by the digest.
///
/// An *upload* takes a large file in several requests: as a stream that goes on at an offset, or as
/// MLflow's numbered parts.
///
/// Tables: `artifact`, `artifact_folder`, `upload`, `upload_part`.
///
/// Limits: paths of 1,024 characters, 64 segments, 255 bytes a segment; files of 256 GB; folders of
/// 100,000 entries when listed; previews of 1 MB; 1,000 uploads under way, 10,000 parts each, which
/// end after 24 h without a part.
@NullMarked
package dev.orrery.artifact;

import org.jspecify.annotations.NullMarked;
