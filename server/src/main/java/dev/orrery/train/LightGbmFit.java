package dev.orrery.train;

import com.microsoft.ml.lightgbm.lightgbmlib;
import com.microsoft.ml.lightgbm.lightgbmlibConstants;
import com.microsoft.ml.lightgbm.lightgbmlibJNI;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.Encoding;
import dev.orrery.model.Preprocessor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Trains LightGBM and returns its text.
///
/// The matrix is written column by column into native memory that LightGBM reads as it is, and is
/// freed once LightGBM has its own binned copy: rows exist twice for a moment, not four times.
final class LightGbmFit {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final long NULL = 0;

  private LightGbmFit() {}

  static String fit(Candidate.LightGbm candidate, Training training, TrainOptions options) {
    LightGbmLibrary.load();
    Trainer.checkInterrupted();
    String parameters = parameters(candidate, training.preprocessor(), options);
    long dataset = dataset(training, parameters);
    try {
      return boost(dataset, parameters, candidate.trees(), options.progress());
    } finally {
      lightgbmlibJNI.LGBM_DatasetFree(dataset);
    }
  }

  private static String boost(
      long dataset, String parameters, int trees, TrainOptions.Progress progress) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      check(lightgbmlibJNI.LGBM_BoosterCreate(dataset, parameters, out.address()));
      long booster = out.get(ValueLayout.JAVA_LONG, 0);
      try {
        MemorySegment finished = arena.allocate(ValueLayout.JAVA_INT);
        for (int i = 1; i <= trees; i++) {
          Trainer.checkInterrupted();
          check(lightgbmlibJNI.LGBM_BoosterUpdateOneIter(booster, finished.address()));
          progress.at(i, trees);
          if (finished.get(ValueLayout.JAVA_INT, 0) != 0) break;
        }
        return text(booster, arena);
      } finally {
        lightgbmlibJNI.LGBM_BoosterFree(booster);
      }
    }
  }

  private static String text(long booster, Arena arena) {
    MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
    String text =
        lightgbmlibJNI.LGBM_BoosterSaveModelToStringSWIG(
            booster,
            0,
            -1,
            lightgbmlibConstants.C_API_FEATURE_IMPORTANCE_GAIN,
            1 << 20,
            length.address());
    if (text == null) throw failed(lightgbmlib.LGBM_GetLastError());
    return text;
  }

  private static long dataset(Training training, String parameters) {
    Preprocessor preprocessor = training.preprocessor();
    int rows = training.rows();
    int width = preprocessor.width();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      try (Arena matrixArena = Arena.ofConfined()) {
        MemorySegment matrix =
            matrixArena.allocate(ValueLayout.JAVA_DOUBLE, Math.multiplyExact((long) rows, width));
        for (int j = 0; j < width; j++) {
          double[] column = preprocessor.column(training.features(), j);
          long at = (long) j * rows * Double.BYTES;
          MemorySegment.copy(column, 0, matrix, ValueLayout.JAVA_DOUBLE, at, rows);
        }
        check(
            lightgbmlibJNI.LGBM_DatasetCreateFromMat(
                matrix.address(),
                lightgbmlibConstants.C_API_DTYPE_FLOAT64,
                rows,
                width,
                0,
                parameters,
                NULL,
                out.address()));
      }
      long dataset = out.get(ValueLayout.JAVA_LONG, 0);
      try {
        label(dataset, training.target(), arena);
        String[] names = names(preprocessor.signature().names());
        check(lightgbmlibJNI.LGBM_DatasetSetFeatureNames(dataset, names, names.length));
      } catch (Problem e) {
        lightgbmlibJNI.LGBM_DatasetFree(dataset);
        throw e;
      }
      return dataset;
    }
  }

  private static void label(long dataset, double[] target, Arena arena) {
    MemorySegment label = arena.allocate(ValueLayout.JAVA_FLOAT, target.length);
    for (int i = 0; i < target.length; i++) {
      label.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) target[i]);
    }
    check(
        lightgbmlibJNI.LGBM_DatasetSetField(
            dataset,
            "label",
            label.address(),
            target.length,
            lightgbmlibConstants.C_API_DTYPE_FLOAT32));
  }

  /// The features' own names if LightGBM takes them all, else numbered ones.
  private static String[] names(List<String> own) {
    boolean plain = own.stream().allMatch(name -> PLAIN_NAME.matcher(name).matches());
    String[] names = own.toArray(new String[0]);
    for (int i = 0; i < names.length && !plain; i++) names[i] = "f" + i;
    return names;
  }

  private static String parameters(
      Candidate.LightGbm candidate, Preprocessor preprocessor, TrainOptions options) {
    List<String> categories = new ArrayList<>();
    for (int j = 0; j < preprocessor.width(); j++) {
      if (preprocessor.encodings().get(j) instanceof Encoding.Category) {
        categories.add(Integer.toString(j));
      }
    }
    return String.join(
        " ",
        "objective=binary",
        "metric=none",
        "verbosity=-1",
        "deterministic=true",
        "force_row_wise=true",
        "feature_pre_filter=false",
        "seed=" + (options.seed() & Integer.MAX_VALUE),
        "num_threads=" + options.threads(),
        "num_leaves=" + candidate.leaves(),
        "max_depth=" + candidate.depth(),
        "min_data_in_leaf=" + candidate.leafRows(),
        "learning_rate=" + number(candidate.learningRate()),
        "bagging_fraction=" + number(candidate.rowShare()),
        "bagging_freq=" + (candidate.rowShare() < 1 ? 1 : 0),
        "feature_fraction=" + number(candidate.featureShare()),
        "lambda_l1=" + number(candidate.l1()),
        "lambda_l2=" + number(candidate.l2()),
        "max_bin=" + candidate.bins(),
        "categorical_feature=" + String.join(",", categories));
  }

  private static String number(double x) {
    return String.format(Locale.ROOT, "%.17g", x);
  }

  private static void check(int result) {
    if (result != 0) throw failed(lightgbmlib.LGBM_GetLastError());
  }

  private static Problem failed(String why) {
    return new Problem(
        Fault.TRAINING_FAILED,
        "LightGBM says: " + why,
        "Change the candidate's parameters or the training rows it complains of");
  }
}
