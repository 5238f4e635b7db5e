title='javac on 300 files'
packages='coreutils'
seconds=240

setup() {
  for i in $(seq 300); do
    cat >C$i.java <<TEXT
import java.util.*;
import java.util.stream.*;
final class C$i {
  record Pair<A, B>(A first, B second) {}
  private final Map<String, List<Pair<Integer, String>>> table = new TreeMap<>();
  int put(String key, int value) {
    table.computeIfAbsent(key, k -> new ArrayList<>()).add(new Pair<>(value + $i, key));
    return table.values().stream().flatMap(List::stream).mapToInt(Pair::first).sum();
  }
  static String name(Object o) {
    return switch (o) { case Integer n when n > $i -> "big"; case String s -> s + $i; default -> "other"; };
  }
}
TEXT
  done
  echo 'public class Main { public static void main(String[] a) { int s = 0;' >Main.java
  for i in $(seq 300); do echo "s += new C$i().put(\"k\", $i); s += C$i.name(s).length();"; done >>Main.java
  echo 'System.out.println(s); } }' >>Main.java
}

run() {
  "$JAVA_HOME/bin/javac" -J-Xmx512m -d classes "$work"/*.java
  ls classes | wc -l
  (cd classes && md5sum *.class | sort | md5sum)
  "$JAVA_HOME/bin/java" -cp classes Main
}
