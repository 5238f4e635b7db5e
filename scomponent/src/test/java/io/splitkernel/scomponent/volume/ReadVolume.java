package io.splitkernel.scomponent.volume;

import io.splitkernel.protocol.files.Volume;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;

/** A volume that tells which reads reach it. */
final class ReadVolume {
  final Volume volume;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();

  ReadVolume(Volume behind) {
    volume =
        (Volume)
            Proxy.newProxyInstance(
                Volume.class.getClassLoader(),
                new Class<?>[] {Volume.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("read")) {
                    reads.incrementAndGet();
                    longest.accumulateAndGet(((MemorySegment) arguments[3]).byteSize(), Math::max);
                  }
                  try {
                    return method.invoke(behind, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
  }

  long reads() {
    return reads.get();
  }

  /** Bytes of the longest one. */
  long longest() {
    return longest.get();
  }
}
