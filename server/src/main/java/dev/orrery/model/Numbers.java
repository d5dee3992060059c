package dev.orrery.model;

import java.util.Arrays;

/// Arrays of numbers that grow while a file is read.
final class Numbers {
  private Numbers() {}

  static final class Longs {
    private long[] values = {};
    private int size;

    void add(long value) {
      if (size == values.length) values = Arrays.copyOf(values, Math.max(8, size * 2));
      values[size++] = value;
    }

    int size() {
      return size;
    }

    long[] array() {
      return Arrays.copyOf(values, size);
    }
  }

  static final class Floats {
    private float[] values = {};
    private int size;

    void add(float value) {
      if (size == values.length) values = Arrays.copyOf(values, Math.max(8, size * 2));
      values[size++] = value;
    }

    int size() {
      return size;
    }

    float[] array() {
      return Arrays.copyOf(values, size);
    }
  }

  static final class Doubles {
    private double[] values = {};
    private int size;

    void add(double value) {
      if (size == values.length) values = Arrays.copyOf(values, Math.max(8, size * 2));
      values[size++] = value;
    }

    int size() {
      return size;
    }

    double[] array() {
      return Arrays.copyOf(values, size);
    }
  }
}
