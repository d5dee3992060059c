package dev.orrery.client;

/// A file or folder among artifacts.
///
/// @param path from the root of the run or model
/// @param size in bytes; 0 for a folder
public record FileInfo(String path, boolean isFolder, long size) {
  static FileInfo of(Fields fields, String folder) {
    String path = fields.text("path");
    return new FileInfo(
        folder.isEmpty() ? path : folder + "/" + path,
        fields.flag("is_dir"),
        fields.whole("file_size"));
  }
}
