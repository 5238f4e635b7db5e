title='Java: G1 and ZGC with a live set above the cache'
packages='coreutils'
seconds=240

setup() {
  cat >Live.java <<'TEXT'
import java.util.*;
public class Live {
  public static void main(String[] arguments) throws Exception {
    byte[][] live = new byte[40000][];
    Random random = new Random(1);
    long sum = 0;
    for (int i = 0; i < 400000; i++) {
      byte[] block = new byte[500 + random.nextInt(5000)];
      block[block.length - 1] = (byte) i;
      int at = random.nextInt(live.length);
      byte[] old = live[at];
      if (old != null) sum += old[old.length - 1] + old.length;
      live[at] = block;
    }
    Thread[] threads = new Thread[4];
    long[] sums = new long[4];
    for (int t = 0; t < 4; t++) {
      int me = t;
      threads[t] = new Thread(() -> {
        Map<Integer, String> map = new HashMap<>();
        for (int i = 0; i < 100000; i++) map.put(i * 7919 % 50021, "value " + i);
        for (String s : map.values()) sums[me] += s.length();
      });
      threads[t].start();
    }
    for (Thread t : threads) t.join();
    for (byte[] b : live) if (b != null) sum += b[b.length - 1];
    System.out.println(sum + " " + Arrays.toString(sums));
  }
}
TEXT
  "$JAVA_HOME/bin/javac" Live.java
}

run() {
  "$JAVA_HOME/bin/java" -XX:+UseG1GC -Xmx300m -cp "$work" Live
  "$JAVA_HOME/bin/java" -XX:+UseZGC -Xmx400m -cp "$work" Live
  "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx300m -cp "$work" Live
}
