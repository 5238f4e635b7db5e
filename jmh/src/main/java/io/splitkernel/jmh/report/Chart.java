package io.splitkernel.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line chart as inline SVG. Colours are the page's classes. One thread. */
final class Chart {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 260;
  private static final int LEFT = 58;
  private static final int LEGEND = 100;
  private static final int RIGHT = 28;
  private static final int TOP = 46;
  private static final int BOTTOM = 44;

  /** A mark on the horizontal axis. */
  record Tick(double at, String label) {}

  private record Line(String name, String style, List<double[]> points) {}

  private final String title;
  private final String below;
  private final List<Tick> ticks;
  private final List<Line> lines = new ArrayList<>();
  private double highest;

  /**
   * @param title with the unit of the vertical axis, which starts at 0.
   * @param below name of the horizontal axis.
   * @param ticks from left to right; the first and the last one are its ends.
   */
  Chart(String title, String below, List<Tick> ticks) {
    this.title = title;
    this.below = below;
    this.ticks = ticks;
  }

  /** Adds a line of (x, y). */
  void add(String name, String style, List<double[]> points) {
    lines.add(new Line(name, style, points));
    for (double[] point : points) {
      highest = Math.max(highest, point[1]);
    }
  }

  /** The chart. */
  String svg() {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
            WIDTH,
            HEIGHT,
            escape(title)));
    text(out, LEFT, 16, "start", "title", title);
    double step = step(highest);
    double top = Math.max(step, Math.ceil(highest / step) * step);
    for (double value = 0; value <= top + step / 2; value += step) {
      double y = y(value, top);
      line(out, LEFT, y, WIDTH - RIGHT, y);
      text(out, LEFT - 6, y + 4, "end", "", number(value, step));
    }
    for (Tick tick : ticks) {
      text(out, x(tick.at()), HEIGHT - BOTTOM + 16, "middle", "", tick.label());
    }
    text(out, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", "", below);
    int legend = 0;
    for (Line line : lines) {
      out.append(String.format(Locale.ROOT, "<polyline class=\"%s\" points=\"", line.style));
      for (double[] point : line.points) {
        out.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point[0]), y(point[1], top)));
      }
      out.append("\"/>");
      text(out, LEFT + LEGEND * legend++, 32, "start", line.style, "— " + line.name);
    }
    return out.append("</svg>\n").toString();
  }

  private double x(double at) {
    double first = ticks.getFirst().at();
    double last = ticks.getLast().at();
    double part = last == first ? 0 : (at - first) / (last - first);
    return LEFT + part * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
  }

  /** 1, 2 or 5 times a power of ten, so that there are four to ten of them. */
  private static double step(double highest) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(highest, 1e-9) / 4)));
    double part = highest / 4 / power;
    return power * (part >= 5 ? 5 : part >= 2 ? 2 : 1);
  }

  private static String number(double value, double step) {
    int digits = step >= 1 ? 0 : (int) Math.ceil(-Math.log10(step));
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  private static void line(StringBuilder out, double x1, double y1, double x2, double y2) {
    out.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(
      StringBuilder out, double x, double y, String anchor, String style, String text) {
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>",
            x,
            y,
            anchor,
            style,
            escape(text)));
  }

  /** Text for HTML. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
