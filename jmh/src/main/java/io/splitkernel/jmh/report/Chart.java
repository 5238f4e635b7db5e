package io.splitkernel.jmh.report;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** Two curves in one SVG element, both axes logarithmic. */
final class Chart {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 260;
  private static final int LEFT = 56;
  private static final int BOTTOM = 36;
  private static final int TOP = 28;
  private static final String[] COLOURS = {"#1f6fb2", "#c2571a"};

  /** How far along the x axis a value lies, from 0 to 1. */
  @FunctionalInterface
  interface Place {
    double of(double x);
  }

  private final StringBuilder svg = new StringBuilder();
  private final double low;
  private final double high;
  private final Place place;

  private Chart(double low, double high, Place place) {
    this.low = Math.log10(low);
    this.high = Math.max(Math.log10(high), Math.log10(low) + 0.1);
    this.place = place;
  }

  /** Percentile curves: the x axis shows how rare, 90, 99, 99.9 equally far apart. */
  static String percentiles(
      String title, SortedMap<Double, Double> lego, SortedMap<Double, Double> perftest) {
    return draw(
        title,
        "us",
        lego,
        perftest,
        p -> Math.log10(1 / (1 - Math.min(p, 99.99) / 100)) / 4,
        new double[] {0, 90, 99, 99.9},
        "%");
  }

  /** Bandwidth by size. */
  static String bySize(
      String title, SortedMap<Double, Double> lego, SortedMap<Double, Double> perftest) {
    double first = lego.firstKey();
    double last = Math.max(lego.lastKey(), first * 2);
    double span = Math.log(last / first);
    double[] ticks = lego.keySet().stream().mapToDouble(Double::doubleValue).toArray();
    return draw(
        title, "MiB/s", lego, perftest, bytes -> Math.log(bytes / first) / span, ticks, " B");
  }

  private static String draw(
      String title,
      String unit,
      SortedMap<Double, Double> lego,
      SortedMap<Double, Double> perftest,
      Place place,
      double[] ticks,
      String tickUnit) {
    double low = Double.MAX_VALUE;
    double high = 0.001;
    for (Map<Double, Double> curve : java.util.List.of(lego, perftest)) {
      for (double value : curve.values()) {
        low = Math.min(low, Math.max(value, 0.001));
        high = Math.max(high, value);
      }
    }
    Chart chart = new Chart(Math.min(low, high), high, place);
    chart.frame(title, unit, low, high, ticks, tickUnit);
    chart.curve(lego, COLOURS[0]);
    chart.curve(perftest, COLOURS[1]);
    return chart.svg.append("</svg>").toString();
  }

  private void frame(
      String title, String unit, double least, double most, double[] ticks, String tickUnit) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'><text x='%d' y='16'"
                + " class='title'>%s</text>",
            WIDTH,
            HEIGHT,
            title,
            LEFT,
            title));
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x='%d' y='%d' width='%d' height='%d' class='frame'/>",
            LEFT,
            TOP,
            WIDTH - LEFT - 10,
            HEIGHT - TOP - BOTTOM));
    text(4, TOP + 10, String.format(Locale.ROOT, "%.1f %s", most, unit));
    text(4, HEIGHT - BOTTOM, String.format(Locale.ROOT, "%.1f", least));
    for (double tick : ticks) {
      String label = tick == Math.rint(tick) ? Long.toString((long) tick) : Double.toString(tick);
      text(x(tick) - 10, HEIGHT - BOTTOM + 16, label + tickUnit);
    }
  }

  private void text(double x, double y, String text) {
    svg.append(String.format(Locale.ROOT, "<text x='%.1f' y='%.1f'>%s</text>", x, y, text));
  }

  private double x(double value) {
    return LEFT + place.of(value) * (WIDTH - LEFT - 10);
  }

  private double y(double value) {
    double at = (Math.log10(Math.max(value, 0.001)) - low) / (high - low);
    return HEIGHT - BOTTOM - at * (HEIGHT - TOP - BOTTOM);
  }

  private void curve(SortedMap<Double, Double> points, String colour) {
    svg.append("<polyline fill='none' stroke='").append(colour).append("' points='");
    points.forEach(
        (value, at) -> svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(value), y(at))));
    svg.append("'/>");
  }
}
