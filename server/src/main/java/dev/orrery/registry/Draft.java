package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// A version that is to be registered. What is null is refused there, so that the refusal names all
/// that is lacking at once.
///
/// @param parent the version that it is to renew; null: the newest
/// @param blob with the bytes of the model's package
/// @param modelDigest of the package
/// @param dataVersion such as `flights@1.0.0`
/// @param featuresVersion such as `1.0.0`
/// @param codeVersion a commit or a digest of the sources, see [CodeVersion]
/// @param run the id of the tracking run that made it
/// @param gates the results of the gates, a list that is not empty
/// @param metrics on the validation rows
/// @param reasons why it was trained: `first`, `data_drift`, ...
public record Draft(
    Name model,
    @Nullable Semver parent,
    Make make,
    Digest blob,
    Digest modelDigest,
    @Nullable String dataVersion,
    @Nullable String featuresVersion,
    @Nullable String codeVersion,
    @Nullable String run,
    @Nullable JsonNode gates,
    SortedMap<String, Double> metrics,
    List<String> reasons) {
  List<String> lacks() {
    List<String> lacks = new ArrayList<>();
    if (isBlank(dataVersion)) lacks.add("data version");
    if (isBlank(featuresVersion)) lacks.add("features version");
    if (isBlank(codeVersion)) lacks.add("code version");
    if (isBlank(run)) lacks.add("run");
    if (gates == null || !gates.isArray() || gates.isEmpty()) lacks.add("gate results");
    return lacks;
  }

  private static boolean isBlank(@Nullable String text) {
    return text == null || text.isBlank();
  }
}
